/**
 * The script of the waiting page. It follows `/.carrel/status` and loads the page anew once the session can be used, or
 * when nothing is left to wait for. An event stream that was refused is over for good (EventSource), so it falls back to
 * loading anew after a while.
 */
export const WAITING_SCRIPT = `
(() => {
  const text = document.getElementById("text");
  const steps = [...document.querySelectorAll("#steps li")];
  const order = ["Queued", "Provisioning", "Ready"];
  const again = (ms) => setTimeout(() => location.reload(), ms);
  const source = new EventSource("/.carrel/status");
  source.addEventListener("status", (event) => {
    const status = JSON.parse(event.data);
    if (status.usable || status.phase === "Ending" || status.phase === "Ended") {
      source.close();
      again(0);
      return;
    }
    if (status.message && text.textContent !== status.message) text.textContent = status.message;
    const at = order.indexOf(status.phase);
    steps.forEach((step, index) => {
      step.className = index < at ? "done" : index === at ? "current" : "todo";
      if (index === at) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) again(3000);
  });
})();
`;
