/** What the real host tells an app's process before it loads the app (functions-host.md §5.1). */
export function announce(env: NodeJS.ProcessEnv, app: string, port: number): void {
  env.WEBSITE_HOSTNAME = `127.0.0.1:${port}`;
  env.AZURE_FUNCTIONS_ENVIRONMENT ??= "Development";
  env.FUNCTIONS_WORKER_RUNTIME ??= "node";
  env.AzureWebJobsScriptRoot ??= app;
  bypassProxy(env);
}

/** The durable client honours proxies even for this machine. */
function bypassProxy(env: NodeJS.ProcessEnv): void {
  const hosts = new Set([...(env.NO_PROXY ?? env.no_proxy ?? "").split(","), "127.0.0.1", "localhost"]);
  hosts.delete("");
  env.NO_PROXY = [...hosts].join(",");
  env.no_proxy = env.NO_PROXY;
}
