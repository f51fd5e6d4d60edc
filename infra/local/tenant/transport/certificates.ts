import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";
import { wall } from "../../../../shared/wall.js";

export interface Certificates {
  /** PEM of the private certificate authority: what NODE_EXTRA_CA_CERTS must point to. */
  readonly caFile: string;
  readonly serverKey: string;
  readonly serverCertificate: string;
  /** RSA key that signs access tokens, kept so that tokens survive a restart. */
  readonly tokenKey: string;
}

const DAY = 86_400_000;

/** Reads the certificates kept in `dir`, or makes a certificate authority and a certificate for localhost first. */
export async function certificates(dir: string): Promise<Certificates> {
  mkdirSync(dir, { recursive: true });
  const file = (name: string) => join(dir, name);
  if (!usable(file("server.pem"))) await issue(file);
  const read = (name: string) => readFileSync(file(name), "utf8");
  return {
    caFile: file("ca.pem"),
    serverKey: read("server.key"),
    serverCertificate: read("server.pem"),
    tokenKey: read("token.key"),
  };
}

/** A certificate that ends within a month is replaced: the local stack may run that long. */
function usable(certificate: string): boolean {
  if (!existsSync(certificate)) return false;
  return Date.parse(new X509Certificate(readFileSync(certificate)).validTo) > wall.now() + 30 * DAY;
}

async function issue(file: (name: string) => string): Promise<void> {
  const from = new Date(wall.now() - DAY);
  const until = new Date(wall.now() + 825 * DAY);
  const common = {
    notBeforeDate: from,
    notAfterDate: until,
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
  } as const;
  const authority = await generate([{ name: "commonName", value: "Ringmaster local certificate authority" }], {
    ...common,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "keyUsage", digitalSignature: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const secret = { mode: 0o600 };
  writeFileSync(file("token.key"), privateKey.export({ type: "pkcs8", format: "pem" }), secret);
  writeFileSync(file("ca.pem"), authority.cert);
  writeFileSync(file("server.key"), server.private, secret);
  writeFileSync(file("server.pem"), server.cert);
}
