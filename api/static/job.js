// Asks once a second how far a job is, and loads the page again once its state is another.
"use strict";
(() => {
  const shown = document.querySelector("[data-job]");
  const bar = document.querySelector("[data-done]");
  const words = document.querySelector("[data-said]");
  const time = document.querySelector("[data-time]");
  const state = words.textContent.split("：")[0];
  const look = async () => {
    try {
      const answer = await fetch(`/api/v1/jobs/${shown.dataset.job}`, { cache: "no-store" });
      if (answer.ok) {
        const job = await answer.json();
        if (job.state !== shown.dataset.state) return location.reload();
        if (job.done !== null) bar.value = job.done;
        const said = words.dataset.said === "zh" ? job.said_zh : job.said;
        if (job.worked_s !== null && time) time.textContent = time.dataset.time.replace("{n}", job.worked_s);
        words.textContent = said ? `${state}：${said}` : state;
      }
    } catch { /* the server may be away for a moment */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
})();
