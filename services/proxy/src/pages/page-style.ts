/** The style of all pages. Its hash stands in their policy, so it is one text. */
export const PAGE_STYLE = `
:root{--paper:#f6f4ef;--card:#fffdf9;--ink:#22252b;--soft:#636873;--line:#e2ddd2;--accent:#2f5d50;--warn:#9a4a1c}
@media (prefers-color-scheme:dark){:root{--paper:#15181c;--card:#1d2126;--ink:#eceae5;--soft:#a0a5ae;--line:#30353c;--accent:#7fc3ae;--warn:#eea36f}}
*{box-sizing:border-box}
html,body{height:100%}
body{margin:0;padding:1.5rem;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{width:min(30rem,100%);padding:2.5rem 2.25rem 1.75rem;background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:0 1px 2px rgb(0 0 0/.04),0 12px 32px rgb(0 0 0/.07)}
.mark{position:relative;width:3.25rem;height:2.5rem;margin-bottom:1.5rem;border:3px solid var(--accent);border-top:0;border-radius:0 0 5px 5px}
.mark::before{content:"";position:absolute;left:-.55rem;right:-.55rem;top:.55rem;height:3px;border-radius:2px;background:var(--accent)}
.mark::after{content:"";position:absolute;left:.6rem;bottom:.35rem;width:.75rem;height:.3rem;border-radius:2px;background:var(--accent);opacity:.45}
.warning .mark{border-color:var(--warn)}
.warning .mark::before,.warning .mark::after{background:var(--warn)}
.waiting .mark::after{animation:read 1.8s ease-in-out infinite alternate}
@keyframes read{to{transform:translateX(.85rem);opacity:.9}}
@media (prefers-reduced-motion:reduce){.waiting .mark::after{animation:none}}
h1{margin:0 0 .5rem;font-size:1.45rem;line-height:1.25;font-weight:650;letter-spacing:-.01em}
p{margin:0;color:var(--soft)}
ol{list-style:none;margin:1.5rem 0 0;padding:0;display:grid;gap:.55rem}
li{display:flex;align-items:center;gap:.7rem;color:var(--soft)}
li::before{content:"";flex:none;width:.8rem;height:.8rem;border-radius:50%;border:2px solid var(--line)}
li.done::before{background:var(--accent);border-color:var(--accent)}
li.current{color:var(--ink);font-weight:600}
li.current::before{border-color:var(--accent);border-right-color:transparent;animation:turn .9s linear infinite}
@keyframes turn{to{transform:rotate(1turn)}}
@media (prefers-reduced-motion:reduce){li.current::before{animation:none;border-right-color:var(--accent)}}
.action{margin-top:1.5rem}
.action a{display:inline-block;padding:.55rem 1.1rem;border-radius:8px;background:var(--accent);color:var(--card);font-weight:600;text-decoration:none}
.action a:hover{filter:brightness(1.08)}
.action a:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
dl{margin:1.75rem 0 0;padding-top:1rem;border-top:1px solid var(--line);font-size:.8rem;color:var(--soft)}
dl div{display:flex;gap:.6rem}
dt{flex:none;min-width:5.5rem}
dd{margin:0;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
`;
