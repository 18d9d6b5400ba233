// The page of periods: ask once more, then close a month.

async function close(context, root, dialog, period) {
  const alert = dialog.querySelector("[role=alert]");
  const now = dialog.querySelector("[data-now]");
  const value = (name) => dialog.querySelector(`[name=${name}]`).value.trim();
  alert.hidden = false;
  alert.textContent = JSON.parse(root.dataset.texts).working;
  now.disabled = true;
  try {
    const body = { period, reason: value("reason") };
    const response = await context.api.request("close", "POST", undefined, body, "raw");
    const answer = await response.json();
    if (!answer.success) throw new Error(answer.error);
    location.reload();
  } catch (error) {
    alert.textContent = error.message;
    now.disabled = false;
  }
}

export default {
  onExtensionPageLoad(context) {
    const root = document.getElementById("bc-periods");
    const dialog = root?.querySelector("dialog");
    const button = root?.querySelector("[data-close]");
    if (!dialog || !button) return;
    const period = button.dataset.close;
    button.addEventListener("click", () => {
      dialog.querySelector("[data-now] span").textContent = period;
      dialog.querySelector("[role=alert]").hidden = true;
      dialog.showModal();
    });
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    dialog
      .querySelector("[data-now]")
      .addEventListener("click", () => close(context, root, dialog, period));
  },
};
