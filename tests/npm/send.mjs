// Drives the service with fhir-kit-client, as a laboratory's own software would: finds the token address, signs
// a client assertion with its own means, reads the open guideline and hands bundles in.
// In: one JSON object, {base, clientId, key (private JWK), scope, good, bad, foreign}. Out: what came back.
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Client } from 'fhir-kit-client';

const wish = JSON.parse(await text(process.stdin));
const plainFetch = globalThis.fetch;

/** What a client learns that cannot reach some of the addresses where it may look. */
const discover = async (unreachable) => {
  globalThis.fetch = (request) =>
    request.url.includes(unreachable) ? Promise.reject(new Error('unreachable')) : plainFetch(request);
  try {
    const found = await new Client({ baseUrl: wish.base }).smartAuthMetadata();
    return Object.fromEntries(Object.entries(found).map(([name, url]) => [name, url?.href]));
  } finally {
    globalThis.fetch = plainFetch;
  }
};

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const fetchToken = async (address) => {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: wish.clientId, sub: wish.clientId, aud: address, jti: randomUUID(), iat: now, exp: now + 60 };
  const signed = `${part({ alg: 'ES384', typ: 'JWT', kid: wish.key.kid })}.${part(claims)}`;
  const key = createPrivateKey({ key: wish.key, format: 'jwk' });
  const signature = sign('sha384', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: wish.scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${signed}.${signature.toString('base64url')}`,
  });
  const answer = await fetch(address, { method: 'POST', body });
  return answer.json();
};

const attempt = async (work) => {
  try {
    const body = await work();
    return { status: Client.httpFor(body).response.status, body };
  } catch (error) {
    if (!error.response) {
      throw error;
    }
    return { status: error.response.status, body: error.response.data };
  }
};

const reader = new Client({ baseUrl: wish.base });
const found = { wellKnown: await discover('/metadata'), capability: await discover('.well-known') };
const capability = await reader.capabilityStatement();
const first = await reader.search({ resourceType: 'PlanDefinition', searchParams: { _count: 5 } });
const plan = first.entry[0].resource;
const second = await reader.nextPage({ bundle: first });
const read = await reader.read({ resourceType: 'PlanDefinition', id: plan.id });
const history = await reader.history({ resourceType: 'PlanDefinition', id: plan.id });
const posted = await reader.search({
  resourceType: 'PlanDefinition',
  searchParams: { _count: 5 },
  options: { postSearch: true },
});

const token = await fetchToken(found.capability.tokenUrl);
const sender = new Client({ baseUrl: wish.base, bearerToken: token.access_token });
const answers = {
  transaction: await attempt(() => sender.transaction({ body: wish.good })),
  batch: await attempt(() => sender.batch({ body: wish.bad })),
  again: await attempt(() => sender.transaction({ body: wish.good })),
  unusable: await attempt(() => sender.batch({ body: { ...wish.good, type: 'searchset' } })),
  foreign: await attempt(() => sender.transaction({ body: wish.foreign })),
  stranger: await attempt(() => reader.transaction({ body: wish.good })),
  forged: await attempt(() =>
    new Client({ baseUrl: wish.base, bearerToken: 'x.y.z' }).transaction({ body: wish.good }),
  ),
};
const ids = (bundle) => bundle.entry.map((entry) => entry.resource.id);
process.stdout.write(
  JSON.stringify({
    found,
    capability,
    pages: [ids(first), ids(second), ids(posted)],
    same: JSON.stringify(read) === JSON.stringify(plan),
    versions: history.entry.length,
    token: token.token_type,
    answers,
  }),
);
