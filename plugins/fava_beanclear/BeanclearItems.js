// The page of open items: choose lines, preview a decision, take it.
// The server checks everything again; here is only what a person sees and presses.

function rows(root) {
  return [...root.querySelectorAll("tbody tr[data-key]")];
}

function box(row) {
  return row.querySelector("input[type=checkbox]");
}

function chosen(root) {
  return rows(root).filter((row) => box(row).checked);
}

function mark(root) {
  const all = rows(root);
  for (const row of all) row.classList.toggle("chosen", box(row).checked);
  const count = chosen(root).length;
  root.querySelector("[data-count]").textContent = String(count);
  root.querySelector("[data-open]").disabled = count === 0;
  const every = root.querySelector("[data-every]");
  every.checked = count === all.length;
  every.indeterminate = count > 0 && count < all.length;
}

function chooseAll(root, wanted) {
  for (const row of rows(root)) box(row).checked = wanted;
  mark(root);
}

function item(row) {
  const { account, key, day, name, amount, action, to } = row.dataset;
  return { account, key, day, name, amount, action, to };
}

function show(element, text) {
  element.textContent = text;
  element.hidden = text === "";
}

// A row of a table, with text in every cell; `numbers` are the cells set to the right.
function tableRow(cells, numbers) {
  const row = document.createElement("tr");
  cells.forEach((text, place) => {
    const cell = row.insertCell();
    cell.textContent = text;
    if (numbers.includes(place)) cell.className = "num";
  });
  return row;
}

// The figure that an amount such as "12.30 CNY" shows, in the reader's way; digits stay exact.
function grouped(amount) {
  return amount.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

function fitted(dialog) {
  const action = dialog.querySelector("[name=action]").value;
  dialog.querySelector("[data-for=to]").hidden = action === "explain";
  dialog.querySelector("[data-for=until]").hidden = action !== "explain";
  dialog.querySelector("[data-preview]").hidden = true;
}

function open(desk, items) {
  const { dialog } = desk;
  if (items.length === 0) return;
  desk.items = items;
  dialog
    .querySelector("[data-items]")
    .replaceChildren(
      ...items.map((one) => tableRow([one.day, one.name, one.key, grouped(one.amount)], [3])),
    );
  // What the class of the items suggests; different classes suggest nothing but an explanation.
  const actions = new Set(items.map((one) => one.action));
  const alone = items.length === 1 && items[0].action === "match" ? "explain" : items[0].action;
  dialog.querySelector("[name=action]").value = actions.size === 1 ? alone : "explain";
  dialog.querySelector("[name=to]").value = actions.size === 1 ? items[0].to : "";
  show(dialog.querySelector("[data-error]"), "");
  fitted(dialog);
  dialog.showModal();
}

// One request for each account: a decision stands on one account, with one or many keys.
function bodies(desk, preview) {
  const value = (name) => desk.dialog.querySelector(`[name=${name}]`).value.trim();
  const action = value("action");
  const accounts = [...new Set(desk.items.map((one) => one.account))];
  return accounts.map((account, place) => ({
    action,
    account,
    keys: desk.items.filter((one) => one.account === account).map((one) => one.key),
    reason: value("reason"),
    to: action === "explain" ? "" : value("to"),
    until: action === "explain" ? value("until") || null : null,
    preview,
    last: place === accounts.length - 1,
  }));
}

function preview(dialog, answers) {
  const postings = answers.flatMap((answer) => answer.postings);
  const lines = postings.map(({ name, amount, currency }) => {
    const figure = `${grouped(amount.replace("-", ""))} ${currency}`;
    return tableRow(amount.startsWith("-") ? [name, "", figure] : [name, figure, ""], [1, 2]);
  });
  const entry = dialog.querySelector("[data-entry]");
  entry.querySelector("tbody").replaceChildren(...lines);
  entry.hidden = lines.length === 0;
  dialog.querySelector("[data-no-entry]").hidden = lines.length > 0;
  dialog.querySelector("pre").textContent = answers.map((answer) => answer.text).join("\n");
  dialog.querySelector("[data-preview]").hidden = false;
}

async function send(desk, isPreview) {
  const { context, dialog } = desk;
  const buttons = dialog.querySelectorAll("button");
  const error = dialog.querySelector("[data-error]");
  show(error, "");
  dialog.querySelector("[data-working]").hidden = false;
  for (const button of buttons) button.disabled = true;
  try {
    const answers = [];
    for (const body of bodies(desk, isPreview)) {
      const response = await context.api.request("decide", "POST", undefined, body, "raw");
      const answer = await response.json();
      if (!answer.success) throw new Error(answer.error);
      answers.push(answer.data);
    }
    preview(dialog, answers);
    if (!isPreview) location.reload();
  } catch (problem) {
    show(error, problem.message);
  } finally {
    dialog.querySelector("[data-working]").hidden = true;
    for (const button of buttons) button.disabled = false;
  }
}

function move(root, step) {
  const all = rows(root);
  const at = all.findIndex((row) => row.classList.contains("here"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  for (const row of all) row.classList.toggle("here", row === next);
  next?.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: ({ root }) => move(root, 1),
  k: ({ root }) => move(root, -1),
  x: ({ root }, here) => {
    if (here === null) return;
    box(here).checked = !box(here).checked;
    mark(root);
  },
  a: ({ root }) => chooseAll(root, chosen(root).length < rows(root).length),
  t: (_desk, here) => here?.querySelector("a[data-trace]")?.click(),
  Enter: (desk, here) => {
    const wanted = chosen(desk.root);
    open(desk, (wanted.length ? wanted : here ? [here] : []).map(item));
  },
  "?": ({ root }) => root.querySelector("[data-keys]").showModal(),
};

function typed(event, desk) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("dialog")) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  // A link or button that has the focus keeps its own Enter.
  if (event.key === "Enter" && event.target.closest("a, button")) return;
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
  if (act === undefined) return;
  act(desk, desk.root.querySelector("tr.here"));
  event.stopPropagation();
  event.preventDefault();
}

function clicked(event, desk) {
  const other = event.target.closest("[data-with]");
  if (other === null) return;
  const row = item(other.closest("tr"));
  const { with: key, day, amount } = other.dataset;
  const pair = { ...row, action: "match", to: "" };
  open(desk, [pair, { ...pair, key, day, amount }]);
}

export default {
  onExtensionPageLoad(context) {
    const root = document.getElementById("bc-items");
    const dialog = root?.querySelector("[data-decision]");
    if (!dialog) return;
    const desk = { context, root, dialog, items: [] };
    // Listeners stand on elements of the page: they go when Fava shows another one.
    root.tabIndex = -1;
    root.focus({ preventScroll: true });
    mark(root); // a browser may have kept what was chosen
    root.querySelector("table").addEventListener("change", () => mark(root));
    root.addEventListener("keydown", (event) => typed(event, desk));
    root.addEventListener("click", (event) => clicked(event, desk));
    const every = root.querySelector("[data-every]");
    every.addEventListener("change", () => chooseAll(root, every.checked));
    const on = (name, act) => root.querySelector(name).addEventListener("click", act);
    on("[data-open]", () => open(desk, chosen(root).map(item)));
    on("[data-help]", () => root.querySelector("[data-keys]").showModal());
    on("[data-close]", () => dialog.close());
    on("[data-preview-now]", () => send(desk, true));
    on("[data-decide-now]", () => send(desk, false));
    dialog.querySelector("[name=action]").addEventListener("change", () => fitted(dialog));
  },
};
