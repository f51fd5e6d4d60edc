/** A self-contained page that follows all releases, ring by ring. */
export const consolePage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ringmaster</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
  section { border: 1px solid #8885; border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
  table { width: 100%; border-collapse: collapse; }
  th, td { text-align: left; padding: .3rem .5rem; border-top: 1px solid #8883; }
  .bar { display: flex; width: 16rem; height: .8rem; background: #8883; border-radius: .4rem; overflow: hidden; }
  .done { background: #2e8b57; } .open { background: #5b8def; } .bad { background: #c0392b; }
  .muted { opacity: .7; }
</style>
<h1>Ringmaster</h1>
<p id="now" class="muted" role="status">Reading…</p>
<main id="releases"></main>
<script>
  const key = new URLSearchParams(location.search).get("code") ?? "";
  const read = async (path) => {
    const response = await fetch("/api/v1/" + path, { headers: { "x-functions-key": key } });
    if (!response.ok) throw new Error(response.status === 401 ? "The address lacks a valid ?code=…" : "The API answered " + response.status);
    return response.json();
  };
  const element = (name, text, className) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  };
  const part = (count, size, className) => {
    const node = element("div", undefined, className);
    node.style.width = size === 0 ? "0" : (100 * count / size) + "%";
    return node;
  };
  const ringRow = (ring) => {
    const row = element("tr");
    const bar = element("div", undefined, "bar");
    bar.setAttribute("role", "img");
    bar.setAttribute("aria-label", ring.upToDate + " of " + ring.size + " up to date, " + (ring.failed + ring.rolledBack) + " failed");
    bar.append(part(ring.upToDate, ring.size, "done"), part(ring.failed + ring.rolledBack, ring.size, "bad"), part(ring.open, ring.size, "open"));
    const cell = element("td"); cell.append(bar);
    row.append(element("td", ring.name), element("td", ring.status), cell,
      element("td", ring.upToDate + " / " + ring.size), element("td", String(ring.failed + ring.rolledBack)),
      element("td", ring.opensAt.slice(0, 10)), element("td", ring.targetAt?.slice(0, 10) ?? "none"));
    return row;
  };
  const releaseSection = (release) => {
    const section = element("section");
    section.append(element("h2", release.update.name + " · " + release.group.name + " · " + release.status));
    section.append(element("p", release.update.revisions.map((r) => r.version + ": " + r.kb + " (" + r.build + ")").join(", "), "muted"));
    const evidence = release.gate.evidence;
    section.append(element("p", "Gate " + release.gate.mode + ": " + release.gate.verdict +
      (evidence ? " · E " + evidence.e.toPrecision(3) + ", " + evidence.failures + " failures in " + Math.round(evidence.exposure) + " effective reports" : "")));
    if (release.gate.limits !== null) section.append(element("p", release.gate.limits, "muted"));
    const offers = release.gate.offers;
    if (offers && release.outcome === null) section.append(element("p", "Waiting for offers: " +
      offers.waiting.map(({ ring, left }) => ring + " " + left).join(", ") + " · up to " + offers.harmBound +
      " devices may be at stake, limited by " + offers.limitedBy, "muted"));
    const table = element("table"), head = element("tr");
    for (const title of ["Ring", "Status", "Devices", "Up to date", "Failed", "Available", "Target"]) head.append(element("th", title));
    table.append(head, ...release.rings.map(ringRow));
    section.append(table);
    return section;
  };
  const refresh = async () => {
    try {
      const [status, releases] = await Promise.all([read("status"), read("releases?expand=rings&top=1000")]);
      document.getElementById("now").textContent = status.now.slice(0, 16).replace("T", " ") + " UTC" + (releases.value.length === 0 ? " · waiting for the next release" : "");
      document.getElementById("releases").replaceChildren(...releases.value.toReversed().map(releaseSection));
    } catch (error) {
      document.getElementById("now").textContent = error.message;
    }
  };
  refresh();
  setInterval(refresh, 1500);
</script>
`;
