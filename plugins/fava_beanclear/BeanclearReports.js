// Pages that wait for an answer: ask now and then whether it is there, then show it.

const PAUSE = 1000; // milliseconds

export function wait(context, root) {
  if (!root || root.dataset.waiting === undefined) return;
  const query = Object.fromEntries(new URLSearchParams(location.search));
  const ask = async () => {
    if (!root.isConnected) return; // Fava shows another page
    try {
      const response = await context.api.request("ready", "GET", query, undefined, "raw");
      const answer = await response.json();
      if (answer.data?.ready && root.isConnected) location.reload();
      else setTimeout(ask, PAUSE);
    } catch {
      setTimeout(ask, PAUSE); // the server may be starting again
    }
  };
  setTimeout(ask, PAUSE);
}

export default {
  onExtensionPageLoad(context) {
    wait(context, document.getElementById("bc-reports"));
  },
};
