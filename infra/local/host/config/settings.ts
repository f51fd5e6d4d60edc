/** App settings as the host reads them: the environment, names matched exactly first and then in any case. */
export class Settings {
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** The value of a setting; `a:b` and `a__b` are the same name. Undefined when it is not set. */
  get(name: string): string | undefined {
    const spelt = [name, name.replaceAll(":", "__")];
    for (const key of spelt) if (this.#env[key] !== undefined) return this.#env[key];
    const folded = spelt.map((key) => key.toLowerCase());
    const key = Object.keys(this.#env).find((candidate) => folded.includes(candidate.toLowerCase()));
    return key === undefined ? undefined : this.#env[key];
  }

  /** True for `true` and `1`, in any case. */
  flag(name: string): boolean {
    return /^(true|1)$/i.test(this.get(name) ?? "");
  }

  /** Replaces every `%NAME%` by the setting; throws when one is not set. */
  resolve(text: string): string {
    return text.replace(/%([^%]+)%/g, (_, name: string) => {
      const value = this.get(name);
      if (value === undefined) throw new Error(`'%${name}%' does not resolve to a value.`);
      return value;
    });
  }

  /**
   * The connection string that a binding names: setting `X`, else `AzureWebJobsX`.
   * Throws when neither is set, or only an identity-based form, which has nothing to authenticate against locally.
   */
  connection(name: string): string {
    const value = this.get(name) ?? this.get(`AzureWebJobs${name}`);
    if (value !== undefined) return value;
    const identity = ["fullyQualifiedNamespace", "accountName"].find((part) => this.get(`${name}__${part}`));
    throw new Error(
      identity === undefined
        ? `no setting "${name}" or "AzureWebJobs${name}" holds a connection string`
        : `setting "${name}__${identity}" is an identity-based connection; this host needs a connection string`,
    );
  }
}
