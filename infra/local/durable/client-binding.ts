/** Where the durable HTTP API is mounted on the host. */
export const WEBHOOK_PATH = "/runtime/webhooks/durabletask";

/**
 * The input of a durableClient binding (functions-host.md §3.1).
 * @param opts baseUrl of the host (`http://127.0.0.1:7071`), the hub, and the key of the durable HTTP API
 * @returns JSON text
 */
export function clientBinding(opts: { hubName: string; baseUrl: string; systemKey: string }): string {
  const origin = opts.baseUrl.replace(/\/$/, "");
  const base = `${origin}${WEBHOOK_PATH}`;
  const code = `code=${opts.systemKey}`;
  const query = `taskHub=${opts.hubName}&connection=Storage&${code}`;
  const instance = `${base}/instances/INSTANCEID`;
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]`;
  return JSON.stringify({
    taskHubName: opts.hubName,
    creationUrls: {
      createNewInstancePostUri: `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
    },
    managementUrls: { id: "INSTANCEID", ...managementUrls(instance, query) },
    baseUrl: base,
    requiredQueryStringParameters: code,
    rpcBaseUrl: `${origin}/durabletask/`,
  });
}

/** The links of one instance; `instance` is its URL. */
export function managementUrls(instance: string, query: string) {
  return {
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}
