// This page waits for an answer as that of reports does.

import { wait } from "./BeanclearReports.js";

export default {
  onExtensionPageLoad(context) {
    wait(context, document.getElementById("bc-trace"));
  },
};
