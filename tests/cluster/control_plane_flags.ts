/** The flags of the parts of a control plane on loopback. Knows programs, not processes. */
import type { Facts } from "./facts.ts";

const CONTROLLERS = [
  "garbage-collector-controller",
  "namespace-controller",
  "serviceaccount-controller",
  "serviceaccount-token-controller",
  "resourcequota-controller",
  "root-ca-certificate-publisher-controller",
  "deployment-controller",
  "replicaset-controller",
  "job-controller",
];

function flags(values: Readonly<Record<string, string | number>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

/** Data is not synced to disk: it survives the end of etcd, not of the machine. */
export function etcdFlags({ etcd, folder }: Facts, peerPort: number): readonly string[] {
  const peer = `http://127.0.0.1:${peerPort}`;
  return flags({
    name: "test",
    "data-dir": `${folder}/etcd`,
    "listen-client-urls": etcd,
    "advertise-client-urls": etcd,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `test=${peer}`,
    "unsafe-no-fsync": "true",
    "log-level": "warn",
  });
}

/** TLS, RBAC, an audit log of everything. */
export function apiServerFlags({ etcd, folder }: Facts, port: number): readonly string[] {
  return flags({
    "etcd-servers": etcd,
    "bind-address": "127.0.0.1",
    "advertise-address": "127.0.0.1",
    "endpoint-reconciler-type": "none", // there is no service network to announce ourselves in
    "secure-port": port,
    "tls-cert-file": `${folder}/apiserver.crt`,
    "tls-private-key-file": `${folder}/apiserver.key`,
    "client-ca-file": `${folder}/ca.crt`,
    "requestheader-client-ca-file": `${folder}/ca.crt`, // the controllers look for one
    "requestheader-allowed-names": "front-proxy",
    "authorization-mode": "RBAC",
    "allow-privileged": "true",
    "service-account-issuer": "https://kubernetes.default.svc",
    "service-account-key-file": `${folder}/tokens.pub`,
    "service-account-signing-key-file": `${folder}/tokens.key`,
    "service-cluster-ip-range": "10.96.0.0/16",
    "audit-policy-file": `${folder}/audit-policy.json`,
    "audit-log-path": `${folder}/audit.log`,
    "audit-log-maxsize": 10_000, // in MB: readers know one file only
    profiling: "false",
  });
}

/** Only the controllers that somebody here relies on. */
export function managerFlags({ folder }: Facts, port: number): readonly string[] {
  const kubeconfig = `${folder}/manager.kubeconfig`;
  return flags({
    kubeconfig,
    "authentication-kubeconfig": kubeconfig,
    "authorization-kubeconfig": kubeconfig,
    "bind-address": "127.0.0.1",
    "secure-port": port,
    "tls-cert-file": `${folder}/manager.crt`,
    "tls-private-key-file": `${folder}/manager.key`,
    controllers: CONTROLLERS.join(","),
    "use-service-account-credentials": "true",
    "service-account-private-key-file": `${folder}/tokens.key`,
    "root-ca-file": `${folder}/ca.crt`,
    "leader-elect": "false",
    profiling: "false",
  });
}
