/** Colours that tell each other apart for people with any colour vision (Okabe and Ito), lighter on dark ground. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #59636e; --line: #d0d7de;
  --c0: #0072b2; --c1: #c04f00; --c2: #007a5a; --c3: #9b4d83; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --soft: #9da7b3; --line: #3d444d;
  --c0: #56b4e9; --c1: #f0a040; --c2: #2fc79a; --c3: #e09ac4; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 64rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; } h3 { font-size: 1rem; margin: 1.2rem 0 .2rem; }
p, li { max-width: 46rem; } .soft, small { color: var(--soft); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem; border-top: 1px solid var(--line); }
thead th { border-bottom: 2px solid var(--line); } tbody th { font-weight: 500; width: 26%; }
small { display: block; font-size: .78rem; line-height: 1.35; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--ink); }
.grid { stroke: var(--line); } .range { stroke-width: 4; stroke-linecap: round; opacity: .55; } .median { stroke-width: 3; }
polyline { fill: none; stroke-width: 2.5; }
.c0 { stroke: var(--c0); fill: var(--c0); } .c1 { stroke: var(--c1); fill: var(--c1); }
.c2 { stroke: var(--c2); fill: var(--c2); } .c3 { stroke: var(--c3); fill: var(--c3); }
polyline.c0, polyline.c1, polyline.c2, polyline.c3 { fill: none; }
.d1 { stroke-dasharray: 9 4; } .d2 { stroke-dasharray: 3 4; } .d3 { stroke-dasharray: 12 4 3 4; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; padding: 0; list-style: none; }
.legend svg { width: 34px; height: 12px; vertical-align: middle; margin-right: .4rem; }
@media print { body { margin: 0; } section { break-inside: avoid; } }
`;
