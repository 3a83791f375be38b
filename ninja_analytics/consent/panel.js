// The Connect panel in the browser: draws what the desk in the kernel tells, says what a person does.
//
// The link, the pasted address and the client secret travel by custom messages and are kept nowhere
// in the model.

const STATUS = {
  form: "Set up a connection",
  waiting: "Waiting for your consent",
  checking: "Checking the answer…",
  "signed-out": "Signed out",
  failed: "Not connected",
};
const UNHEARD =
  "The kernel does not hear this panel. If a cell is running, stop it (■): what you sent is then " +
  "taken. After that, or after a restart of the kernel, run the cell again.";
const UNHEARD_MS = 2500;
const SAID_MS = 8000;
const OTHER = "other";
const AGES = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

// ---- Small helpers

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function button(textContent, className = "", type = "button") {
  return element("button", { type, className, textContent });
}

function write(part, text) {
  if (part.textContent !== text) part.textContent = text; // a screen reader hears every writing
  part.hidden = !text;
}

const isWebAddress = (text) => URL.canParse(text) && /^https?:/i.test(text);

// The address of the Jupyter server that this page belongs to, if it is one's.
function jupyterServer() {
  try {
    const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    return new URL(config.baseUrl, location.origin).href;
  } catch {
    return "";
  }
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${two(minutes)}:${two(whole % 60)}`;
}

function age(seconds) {
  for (const [word, length] of AGES) {
    const many = Math.floor(seconds / length);
    if (many > 0) return `${many} ${word}${many > 1 ? "s" : ""}`;
  }
  return "less than a minute";
}

function tokenLine(seen, now) {
  if (!seen.expires_at) return "";
  const left = seen.expires_at - now;
  if (left > 0) {
    const then = seen.refreshes ? "refreshes by itself" : "then this session ends";
    return `access token good for ${clock(left)}, ${then}`;
  }
  return seen.refreshes
    ? "access token is refreshed with the next pull"
    : "access token has expired: connect again";
}

function statusLine(seen) {
  if (seen.status !== "connected") return STATUS[seen.status] || "";
  return `Connected: ${seen.profile} at ${seen.instance} · ${seen.scope.join(", ")}`;
}

function whoLine(seen) {
  if (!seen.instance) return "";
  return `${seen.profile} at ${seen.instance} · ${seen.platform} client app ${seen.client_id}`;
}

// ---- The parts, made once

function headParts(id) {
  const parts = {
    title: element("h3", { className: "title", id, textContent: "Connect to NinjaOne" }),
    status: element("span", { className: "status", tabIndex: -1 }),
    token: element("span", { className: "token" }),
    age: element("span", { className: "age" }),
    said: element("span", { className: "said" }),
    refresh: button("Refresh now", "small"),
    disconnect: button("Disconnect", "small apart"),
  };
  parts.status.setAttribute("role", "status");
  parts.tools = element("span", { className: "tools" }, parts.refresh, parts.disconnect);
  parts.said.setAttribute("aria-live", "polite");
  parts.life = element("span", { className: "life" }, parts.token, parts.age, parts.said);
  parts.head = element("div", { className: "head" }, parts.title, parts.status, parts.tools);
  return parts;
}

function consentParts(id) {
  const parts = {
    scope: element("dl", { className: "scope" }),
    open: element("a", {
      className: "open",
      target: "_blank",
      rel: "noopener noreferrer",
      textContent: "Open NinjaOne and allow access ↗",
    }),
    cancel: button("Cancel"),
    address: element("input", { type: "text", id: `${id}-address`, autocomplete: "off" }),
    use: button("Use this address", "", "submit"),
    hints: element("ul", { className: "hints" }),
  };
  parts.address.spellcheck = false;
  parts.open.setAttribute("data-jp-suppress-context-menu", "true"); // to copy the link address
  const label = element("label", { htmlFor: parts.address.id });
  label.textContent =
    "Only if the new tab ends on a page that does not load: paste the whole address of that page.";
  const row = element("div", { className: "row" }, parts.address, parts.use);
  parts.paste = element("form", { className: "paste" }, label, row, parts.hints);
  parts.steps = element("div", { className: "row steps" }, parts.open, parts.cancel);
  return parts;
}

function formParts(id) {
  const parts = { fields: {}, connect: button("Connect", "main", "submit") };
  const field = (name, label, input) => {
    Object.assign(input, { id: `${id}-${name}`, name, spellcheck: false });
    parts.fields[name] = input;
    const heading = element("label", { htmlFor: input.id, textContent: label });
    return element("div", { className: `field of-${name}` }, heading, input);
  };
  const text = (type = "text", autocomplete = "off", placeholder = "") =>
    element("input", { type, autocomplete, placeholder });
  const what = [
    field("name", "Profile name", text()),
    field("instance", "Instance", element("select")),
    field("host", "Host", text("text", "off", "acme.rmmservice.eu")),
    field("platform", "Platform", element("select")),
    field("redirect_uri", "Redirect URI", text()),
  ];
  const back = [
    field("client_id", "Client ID", text()),
    field("client_secret", "Client secret", text("password", "new-password")), // for no manager
  ];
  parts.enter = element("dl", { className: "enter" });
  parts.says = element("p", { className: "says" });
  const where = "Enter this in NinjaOne: Administration > Apps > API > Client App IDs > Add";
  const heading = element("p", { textContent: where });
  const advice = element("div", { className: "advice" }, heading, parts.enter, parts.says);
  parts.setup = element("form", { className: "setup", noValidate: true });
  parts.setup.append(element("div", { className: "grid" }, ...what), advice);
  parts.setup.append(element("div", { className: "grid" }, ...back));
  parts.setup.append(element("div", { className: "row steps" }, parts.connect));
  return parts;
}

function draw() {
  // Chance, for each panel has this module for itself, and a page may hold many panels.
  const id = `ninja-consent-${Math.random().toString(36).slice(2)}`;
  const parts = {
    ...headParts(id),
    who: element("p", { className: "who" }),
    trouble: element("p", { className: "trouble", hidden: true }),
    note: element("p", { className: "note" }),
    ...consentParts(id),
    again: button("Connect", "main"),
    edit: button("Change details"),
  };
  parts.form = formParts(id);
  parts.trouble.setAttribute("role", "alert");
  parts.ended = element("div", { className: "row steps" }, parts.again);
  parts.root = element("section", { className: "ninja-consent" }, parts.head, parts.who, parts.scope);
  parts.root.append(parts.trouble, parts.note, parts.form.setup, parts.steps, parts.paste);
  parts.root.append(parts.ended, parts.life);
  parts.root.setAttribute("aria-labelledby", id);
  // Keys pressed in the panel are for the panel, not shortcuts of the notebook.
  parts.root.setAttribute("data-lm-suppress-shortcuts", "true");
  return parts;
}

// ---- What is seen, put into the parts

function show(parts, seen) {
  const held = parts.root.contains(focused(parts)) ? focused(parts) : null;
  const open = seen.status === "waiting" || seen.status === "checking";
  const connected = seen.status === "connected";
  parts.root.dataset.status = seen.status;
  parts.root.dataset.busy = seen.busy;
  parts.title.hidden = connected;
  parts.tools.hidden = !connected;
  parts.refresh.hidden = !seen.refreshes;
  parts.scope.hidden = parts.steps.hidden = parts.paste.hidden = !open;
  parts.ended.hidden = !["signed-out", "failed"].includes(seen.status);
  write(parts.status, statusLine(seen));
  write(parts.who, connected ? "" : whoLine(seen));
  write(parts.note, seen.note);
  showScope(parts, seen);
  showForm(parts.form, seen);
  (open ? parts.steps : parts.ended).append(parts.edit);
  parts.edit.hidden = !seen.editable;
  parts.hints.hidden = !seen.hints.length;
  parts.hints.replaceChildren(...seen.hints.map((hint) => element("li", { textContent: hint })));
  for (const one of parts.root.querySelectorAll("button")) one.ariaDisabled = String(Boolean(seen.busy));
  complain(parts, seen.message);
  if (!open) forget(parts);
  // What had the focus is gone: go on from what has changed, not from the top of the page.
  if (held && !held.checkVisibility()) parts.status.focus({ preventScroll: true });
}

function focused(parts) {
  return parts.root.getRootNode().activeElement;
}

function showScope(parts, seen) {
  const rows = seen.scope.flatMap((word) => [
    element("dt", { textContent: word }),
    element("dd", { textContent: seen.meanings[word] || "" }),
  ]);
  parts.scope.replaceChildren(...rows);
}

function complain(parts, message) {
  write(parts.trouble, message);
  parts.address.setAttribute("aria-invalid", String(Boolean(message)));
}

function forget(parts) {
  parts.open.removeAttribute("href");
  parts.address.value = "";
}

// ---- The form

function showForm(form, seen) {
  const { setup, fields } = form;
  setup.hidden = !seen.form;
  if (!seen.form) {
    fields.client_secret.value = "";
    form.filled = "";
    return;
  }
  form.offer = seen.form;
  if (!fields.platform.options.length) fillChoices(fields, seen.form);
  fill(form, seen.form.fields);
  for (const [name, input] of Object.entries(fields)) {
    input.setAttribute("aria-invalid", String(seen.form.wrong.includes(name)));
  }
  adapt(form);
  const wrong = setup.querySelector("[aria-invalid=true]");
  if (form.asked && !seen.busy && wrong) wrong.focus();
  form.asked = form.asked && Boolean(seen.busy);
}

function fillChoices(fields, offer) {
  const option = (value, text) => element("option", { value, textContent: text });
  const instances = [...offer.instances, [OTHER, "Other host…"]];
  fields.instance.replaceChildren(...instances.map(([value, text]) => option(value, text)));
  fields.platform.replaceChildren(...offer.platforms.map((one) => option(one.name, one.title)));
}

// Put the desk's values in, unless they are those that it had told before: what is typed stays.
function fill(form, values) {
  const told = JSON.stringify(values);
  if (form.filled === told) return;
  form.filled = told;
  for (const [name, value] of Object.entries(values)) form.fields[name].value = value;
  form.redirectTyped = Boolean(values.redirect_uri);
}

// Show the fields and the advice that belong to the chosen instance and platform.
function adapt(form) {
  const { fields, offer } = form;
  const platform = offer.platforms.find((one) => one.name === fields.platform.value);
  if (!form.redirectTyped) fields.redirect_uri.value = platform.redirect_uri;
  const hide = (name, hidden) => (fields[name].parentElement.hidden = hidden);
  hide("host", fields.instance.value !== OTHER);
  hide("redirect_uri", !platform.redirect_uri);
  hide("client_secret", !platform.has_secret);
  const rows = platform.enter.flatMap(([word, text]) => {
    const textContent = text ?? (fields.redirect_uri.value.trim() || "…");
    const className = isWebAddress(textContent) ? "code" : "";
    return [element("dt", { textContent: word }), element("dd", { textContent, className })];
  });
  form.enter.replaceChildren(...rows);
  write(form.says, platform.says);
}

// The message that sends the form. The secret leaves the page with it.
function taken(form) {
  const values = Object.fromEntries(
    Object.entries(form.fields).map(([name, input]) => [name, input.value]),
  );
  form.fields.client_secret.value = "";
  const { client_secret, ...fields } = values;
  form.filled = JSON.stringify(fields);
  form.asked = true;
  return { type: "form", fields, client_secret };
}

// ---- Life

function listen(parts, tell) {
  const { form } = parts;
  const tellOnClick = (one, type) =>
    one.addEventListener("click", () => one.ariaDisabled !== "true" && tell({ type }));
  for (const type of ["cancel", "refresh", "disconnect", "edit"]) tellOnClick(parts[type], type);
  tellOnClick(parts.again, "connect");
  parts.paste.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = parts.address.value.trim();
    parts.address.value = "";
    if (!text) return complain(parts, "The box is empty: paste the whole address first.");
    complain(parts, "");
    return tell({ type: "answer", text });
  });
  form.setup.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.connect.ariaDisabled === "true") return;
    complain(parts, "");
    tell(taken(form));
  });
  form.setup.addEventListener("input", (event) => {
    if (event.target === form.fields.redirect_uri) form.redirectTyped = true;
    adapt(form);
  });
  // JupyterLab keeps the Enter key from submitting a form by itself.
  parts.root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
}

function render({ model, el }) {
  const parts = draw();
  let [unheard, saying, ahead, looked, greeted] = [0, 0, 0, 0, false];

  const greet = () => model.send({ type: "ready", server: jupyterServer() });

  const tell = (message) => {
    clearTimeout(unheard);
    unheard = setTimeout(() => complain(parts, UNHEARD), UNHEARD_MS);
    model.send(message);
  };
  const say = (text) => {
    clearTimeout(saying);
    if (parts.said.textContent !== text) parts.said.textContent = text; // never hidden, to be heard
    if (text && !model.get("seen").busy) saying = setTimeout(() => say(""), SAID_MS);
  };
  const tick = () => {
    const seen = model.get("seen");
    const now = Date.now() / 1000 + ahead;
    write(parts.token, tokenLine(seen, now));
    const since = seen.refresh_token_at;
    write(parts.age, since ? `refresh token ${age(now - since)} old` : "");
    if (seen.expires_at && seen.expires_at < now && looked !== seen.expires_at) {
      looked = seen.expires_at;
      model.send({ type: "look" });
    }
  };
  const follow = () => {
    const seen = model.get("seen");
    show(parts, seen);
    say(seen.said);
    tick();
  };
  const hear = (message) => {
    if (message.type === "received") clearTimeout(unheard);
    if (message.type === "clock") ahead = message.now - Date.now() / 1000;
    // The first may come too early for a busy kernel: JupyterLab has yet to open its subshell.
    if (message.type === "link" && !greeted) greet();
    greeted = true;
    if (message.type === "link" && isWebAddress(message.url)) {
      parts.open.href = message.url;
      parts.address.placeholder = `${message.returns_to}?code=…&state=…`;
    }
  };

  listen(parts, tell);
  model.on("msg:custom", hear);
  model.on("change:seen", follow);
  const ticking = setInterval(tick, 1000);
  show(parts, model.get("seen"));
  tick();
  el.append(parts.root);
  greet();

  return () => {
    clearInterval(ticking);
    clearTimeout(unheard);
    clearTimeout(saying);
    forget(parts);
    model.off("msg:custom", hear);
    model.off("change:seen", follow);
  };
}

export default { render };
