// The Connect panel in the browser: draws the state of a consent, opens its link, takes the paste.
//
// The link and the pasted address travel by custom messages and are kept nowhere in the model.

const STATUS = {
  waiting: "Waiting for your consent",
  checking: "Checking the answer…",
  failed: "Not connected",
};

const UNHEARD =
  "The kernel is busy with a running cell and hears this panel only when it ends. Stop the cell " +
  "(■): what you sent is then taken. After that, run the cell again.";
const UNHEARD_MS = 2500;

let serial = 0;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function isWebAddress(text) {
  try {
    return ["https:", "http:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${two(minutes)}:${two(whole % 60)}`;
}

function tokenLine(model) {
  const left = model.get("expires_at") - Date.now() / 1000;
  if (!model.get("expires_at")) return "";
  if (left > 0) {
    const then = model.get("refreshes") ? ", refreshed by itself" : ", then consent again";
    return `access token good for ${clock(left)}${then}`;
  }
  return model.get("refreshes")
    ? "access token is refreshed with the next pull"
    : "access token has expired: run the cell again";
}

function draw() {
  const id = `ninja-consent-${++serial}`;
  const parts = {
    title: element("h3", { className: "title", id, textContent: "Connect to NinjaOne" }),
    status: element("span", { className: "status" }),
    token: element("span", { className: "token" }),
    who: element("p", { className: "who", style: "margin: 0" }),
    scope: element("dl", { className: "scope" }),
    open: element("a", {
      className: "open",
      target: "_blank",
      rel: "noopener noreferrer",
      textContent: "Open NinjaOne and allow access ↗",
    }),
    cancel: element("button", { type: "button", className: "cancel", textContent: "Cancel" }),
    input: element("input", {
      type: "text",
      id: `${id}-address`,
      autocomplete: "off",
      spellcheck: false,
      placeholder: "http://…?code=…&state=…",
    }),
    send: element("button", { type: "submit", textContent: "Connect" }),
    trouble: element("p", { className: "trouble", hidden: true }),
  };
  parts.status.setAttribute("role", "status");
  parts.trouble.setAttribute("role", "alert");
  parts.open.setAttribute("data-jp-suppress-context-menu", "true"); // to copy the link address
  const label = element("label", { htmlFor: parts.input.id });
  label.textContent =
    "Only if the new tab ends on a page that does not load: paste the whole address of that page.";
  parts.form = element("form", {}, label, element("div", { className: "row" }, parts.input, parts.send));
  parts.steps = element("div", { className: "steps row" }, parts.open, parts.cancel);
  parts.line = element("div", { className: "head" }, parts.title, parts.status, parts.token);
  parts.root = element(
    "section",
    { className: "ninja-consent" },
    parts.line,
    parts.who,
    parts.scope,
    parts.trouble,
    parts.steps,
    parts.form,
  );
  parts.root.setAttribute("aria-labelledby", id);
  // Keys pressed in the panel are for the panel, not shortcuts of the notebook.
  parts.root.setAttribute("data-lm-suppress-shortcuts", "true");
  return parts;
}

function show(parts, model) {
  const status = model.get("status");
  const open = status === "waiting" || status === "checking";
  const connected = status === "connected";
  const who = `${model.get("profile")} at ${model.get("instance")}`;
  parts.root.dataset.status = status;
  parts.title.hidden = parts.who.hidden = connected;
  parts.scope.hidden = parts.steps.hidden = parts.form.hidden = !open;
  parts.status.textContent = connected
    ? `Connected: ${who} · ${model.get("scope").join(", ")}`
    : STATUS[status];
  parts.who.textContent = `${who} · ${model.get("platform")} client app`;
  const meanings = model.get("meanings");
  parts.scope.replaceChildren(
    ...model.get("scope").flatMap((word) => [
      element("dt", { textContent: word }),
      element("dd", { textContent: meanings[word] || "" }),
    ]),
  );
  parts.send.disabled = status === "checking";
  complain(parts, model.get("message"));
  if (!open) forget(parts);
}

function complain(parts, message) {
  parts.trouble.textContent = message;
  parts.trouble.hidden = !message;
  parts.input.setAttribute("aria-invalid", String(Boolean(message)));
}

function forget(parts) {
  parts.open.removeAttribute("href");
  parts.input.value = "";
}

function render({ model, el }) {
  const parts = draw();
  let unheard;

  const follow = () => show(parts, model);
  const tick = () => {
    const line = model.get("status") === "connected" ? tokenLine(model) : "";
    parts.token.hidden = !line;
    if (parts.token.textContent !== line) parts.token.textContent = line;
  };
  const hear = (message) => {
    if (message.type === "link" && isWebAddress(message.url)) parts.open.href = message.url;
    if (message.type === "received") clearTimeout(unheard);
  };
  const tell = (message) => {
    clearTimeout(unheard);
    unheard = setTimeout(() => complain(parts, UNHEARD), UNHEARD_MS);
    model.send(message);
  };
  const paste = (event) => {
    event.preventDefault();
    const text = parts.input.value.trim();
    parts.input.value = "";
    if (!text) return complain(parts, "The box is empty: paste the whole address first.");
    complain(parts, "");
    return tell({ type: "answer", text });
  };

  parts.form.addEventListener("submit", paste);
  // JupyterLab keeps the Enter key from submitting a form by itself.
  parts.input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    parts.form.requestSubmit();
  });
  parts.cancel.addEventListener("click", () => tell({ type: "cancel" }));
  model.on("msg:custom", hear);
  model.on("change", follow);
  model.on("change", tick);
  const ticking = setInterval(tick, 1000);

  follow();
  tick();
  el.append(parts.root);
  model.send({ type: "ready" });

  return () => {
    clearInterval(ticking);
    clearTimeout(unheard);
    forget(parts);
    model.off("msg:custom", hear);
    model.off("change", follow);
    model.off("change", tick);
  };
}

export default { render };
