// The page of open items: choose lines, preview a decision, take it.
// The server checks everything again; here is only what a person sees and presses.

function rows(root) {
  return [...root.querySelectorAll("tbody tr[data-key]")];
}

function chosen(root) {
  return rows(root).filter((row) => row.querySelector("input[type=checkbox]")?.checked);
}

function mark(root) {
  for (const row of rows(root)) {
    row.classList.toggle("chosen", Boolean(row.querySelector("input[type=checkbox]")?.checked));
  }
  const count = chosen(root).length;
  root.querySelector("[data-count]").textContent = String(count);
  root.querySelector("[data-open]").disabled = count === 0;
}

function show(dialog, name, text) {
  const place = dialog.querySelector(`[data-${name}]`);
  place.textContent = text;
  place.hidden = text === "";
}

function fitted(dialog) {
  const action = dialog.querySelector("[name=action]").value;
  dialog.querySelector("[data-for=to]").hidden = action === "explain";
  dialog.querySelector("[data-for=until]").hidden = action !== "explain";
}

function open(root, dialog) {
  const items = chosen(root);
  if (items.length === 0) return;
  const list = items.map((row) => `${row.dataset.key}  ${row.dataset.amount}`);
  dialog.querySelector("[data-items]").textContent = `${items[0].dataset.account}: ${list.join(", ")}`;
  dialog.querySelector("[name=action]").value = items.length > 1 ? "match" : "explain";
  dialog.querySelector("[name=by]").value = localStorage.getItem("beanclear-by") ?? "";
  show(dialog, "preview", "");
  show(dialog, "error", "");
  fitted(dialog);
  dialog.showModal();
}

// A match takes all chosen items at once; the other decisions take them one by one.
function bodies(root, dialog, preview) {
  const value = (name) => dialog.querySelector(`[name=${name}]`).value.trim();
  const action = value("action");
  const items = chosen(root);
  const body = {
    action,
    account: items[0].dataset.account,
    by: value("by"),
    reason: value("reason"),
    to: action === "explain" ? "" : value("to"),
    until: action === "explain" ? value("until") || null : null,
    preview,
  };
  const keys = items.map((row) => row.dataset.key);
  if (action === "match") return [{ ...body, keys }];
  return items.map((row, place) => ({
    ...body,
    account: row.dataset.account,
    keys: [row.dataset.key],
    last: place === items.length - 1,
  }));
}

async function send(context, root, dialog, preview) {
  const texts = JSON.parse(root.dataset.texts);
  const buttons = dialog.querySelectorAll("button");
  show(dialog, "error", "");
  show(dialog, "preview", texts.working);
  for (const button of buttons) button.disabled = true;
  try {
    const shown = [];
    for (const body of bodies(root, dialog, preview)) {
      const response = await context.api.request("decide", "POST", undefined, body, "raw");
      const answer = await response.json();
      if (!answer.success) throw new Error(answer.error);
      shown.push(answer.data.text);
    }
    show(dialog, "preview", shown.join("\n"));
    if (!preview) {
      localStorage.setItem("beanclear-by", dialog.querySelector("[name=by]").value.trim());
      location.reload();
    }
  } catch (error) {
    show(dialog, "preview", "");
    show(dialog, "error", error.message);
  } finally {
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

function typed(event, root, dialog) {
  if (dialog.open || event.target.closest("input, select, textarea") || event.ctrlKey) return;
  const here = root.querySelector("tr.here input[type=checkbox]");
  if (event.key === "j") move(root, 1);
  else if (event.key === "k") move(root, -1);
  else if (event.key === "x" && here) {
    here.checked = !here.checked;
    mark(root);
  } else if (event.key === "d") open(root, dialog);
  else return;
  event.stopPropagation();
  event.preventDefault();
}

export default {
  onExtensionPageLoad(context) {
    const root = document.getElementById("bc-items");
    const dialog = root?.querySelector("dialog");
    if (!dialog || root.dataset.readOnly) return;
    // Listeners stand on elements of the page: they go when Fava shows another one.
    root.tabIndex = -1;
    root.focus({ preventScroll: true });
    root.addEventListener("change", () => mark(root));
    root.addEventListener("keydown", (event) => typed(event, root, dialog));
    root.querySelector("[data-open]").addEventListener("click", () => open(root, dialog));
    dialog.querySelector("[name=action]").addEventListener("change", () => fitted(dialog));
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog
      .querySelector("[data-preview-now]")
      .addEventListener("click", () => send(context, root, dialog, true));
    dialog
      .querySelector("[data-decide-now]")
      .addEventListener("click", () => send(context, root, dialog, false));
  },
};
