/** A workspace's page: opens a WebSocket, echoes over it, and shows what became of it. */
export const DESK_PAGE = `<!doctype html><html lang="en"><title>Desk</title><h1>Desk</h1><pre id="log"></pre><script>
const log = (line) => { document.getElementById("log").textContent += line + "\\n"; };
const socket = new WebSocket("ws://" + location.host + "/echo");
socket.onopen = () => socket.send("hello from the page");
socket.onmessage = (event) => log("echo: " + event.data);
socket.onclose = (event) => log("closed: " + event.code + " " + event.reason);
</script>`;
