// An OpenID provider in the shape of HelseID, made of oidc-provider: private_key_jwt, pushed requests, DPoP with
// nonces, the names of HelseID's claims, hpr_details at the userinfo address alone, logout by both ways.
// In: a line of JSON, {clients, accounts: {login: claims}, nonces}. Out: a line, {issuer}. Then for each line in one
// out: {"rotate": true} signs with a new key from now on, and publishes no other.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

const DETAILS = 'helseid://claims/hpr/hpr_details';
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const wish = JSON.parse((await lines.next()).value);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const newKey = () => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid: randomUUID(),
  alg: 'ES256',
  use: 'sig',
});

const findAccount = (_, id) => {
  const found = wish.accounts[id];
  return found && {
    accountId: id,
    claims: (use) => {
      const { [DETAILS]: details, ...others } = found;
      return { sub: id, ...others, ...(use === 'userinfo' && details ? { [DETAILS]: details } : {}) };
    },
  };
};

const secrets = { cookies: [randomUUID()], nonces: randomBytes(32) };
const make = (issuer) => {
  const provider = new Provider(issuer, {
    clients: wish.clients,
    jwks: { keys: [newKey()] },
    findAccount,
    conformIdTokenClaims: false,
    cookies: { keys: secrets.cookies },
    scopes: ['openid'],
    claims: {
      openid: ['sub'],
      'helseid://scopes/identity/pid': ['helseid://claims/identity/pid'],
      'helseid://scopes/identity/security_level': ['helseid://claims/identity/security_level'],
      'helseid://scopes/hpr/hpr_number': [
        'helseid://claims/hpr/hpr_number',
        DETAILS,
        'helseid://claims/client/claims/orgnr_parent',
        'helseid://claims/client/claims/orgnr_child',
      ],
    },
    // It keeps away from this machine's own addresses, which is where the tests listen.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: { enabled: true, nonceSecret: secrets.nonces, requireNonce: () => Boolean(wish.nonces) },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: { enabled: false },
    },
    enabledJWA: { dPoPSigningAlgValues: ['ES256'] },
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Session: 3600, Interaction: 600, Grant: 3600 },
    renderError: (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
  });
  provider.on('server_error', (_, error) => console.error(error));
  provider.on('backchannel.error', (_, error) => console.error(error));
  return provider;
};

let current;
const server = createServer((request, response) => current(request, response));
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  current = make(issuer).callback();
  say({ issuer });
});
for await (const line of lines) {
  if (JSON.parse(line).rotate) {
    current = make(`http://127.0.0.1:${server.address().port}`).callback();
    say({ rotated: true });
  }
}
process.exit(0);
