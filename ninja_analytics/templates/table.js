/* Long tables sort by their heads and are searched. Without this script a page is whole all the same. */
(() => {
  "use strict";
  const LONG = 12;
  const NEXT = { none: "ascending", ascending: "descending", descending: "none" };
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  const made = (tag, name) => Object.assign(document.createElement(tag), { className: name });

  /* What a cell is sorted by: its exact value where the text is rounded, else its text. */
  const value = (row, at, numeric) => {
    const cell = row.cells[at];
    const text = cell.dataset.v ?? cell.textContent;
    if (text === "") return null;
    const number = numeric ? Number(text) : 0;
    return Number.isNaN(number) ? null : numeric ? number : text;
  };

  /* Cells without a value come last, whichever way; equal ones stay as the report has them. */
  const sorted = (rows, at, numeric, way) => {
    if (way === "none") return rows;
    const sign = way === "ascending" ? 1 : -1;
    const keyed = rows.map((row) => [value(row, at, numeric), row]);
    keyed.sort(([one], [other]) => {
      if (one === null || other === null) return (one === null) - (other === null);
      return sign * (numeric ? one - other : words.compare(one, other));
    });
    return keyed.map(([, row]) => row);
  };

  const sortable = (table, rows) => {
    const heads = [...table.tHead.rows[0].cells];
    /* JupyterLab's own shortcuts would take the keys away. */
    table.tHead.setAttribute("data-lm-suppress-shortcuts", "true");
    heads.forEach((head, at) => {
      const button = made("button", "na-sort");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const way = NEXT[head.getAttribute("aria-sort")];
        heads.forEach((one) => one.setAttribute("aria-sort", one === head ? way : "none"));
        const numeric = head.classList.contains("na-num");
        table.tBodies[0].append(...sorted(rows, at, numeric, way));
      });
    });
  };

  const searchable = (box, rows) => {
    const bar = made("div", "na-search");
    const field = made("input", "");
    const found = made("span", "na-quiet");
    field.type = "search";
    field.placeholder = "Search these rows";
    field.setAttribute("aria-label", "Search these rows");
    found.setAttribute("role", "status");
    const texts = rows.map((row) =>
      [...row.cells].map((cell) => cell.textContent).join("\n").toLowerCase());
    const search = () => {
      const asked = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, at) => {
        row.hidden = !asked.every((word) => texts[at].includes(word));
        count += !row.hidden;
      });
      found.textContent = asked.length ? `${count} of ${rows.length} rows match` : "";
    };
    field.addEventListener("input", search);
    bar.setAttribute("data-lm-suppress-shortcuts", "true");
    bar.append(field, found);
    box.before(bar);
  };

  document.querySelectorAll(".na-report .na-box:not([data-na-ready])").forEach((box) => {
    box.dataset.naReady = "";
    const table = box.querySelector("table");
    const rows = table ? [...table.tBodies[0].rows] : [];
    if (rows.length <= LONG) return;
    sortable(table, rows);
    searchable(box, rows);
  });
})();
