// Reads the files with manifests that its arguments name, and writes every mistake that the schemas of Kubernetes and of the Prometheus operator find: required
// fields, enums, patterns, types. No line of output: no mistake. Fields that nobody knows are found by another test, which loads them strictly.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

const known = new Map();

for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    if (document.errors.length > 0) {
      console.log(`${file}: ${document.errors.map((error) => error.message).join('; ')}`);
      continue;
    }
    const object = document.toJS();
    if (object !== null && object !== undefined) {
      for (const mistake of await mistakesOf(object)) {
        console.log(`${file}: ${object.kind} ${object.metadata?.name}: ${mistake}`);
      }
    }
  }
}

async function mistakesOf(object) {
  const model = await modelOf(object);
  if (model === null) {
    return [`nobody knows ${object.apiVersion} ${object.kind}`];
  }
  try {
    new model(object).validate();
    return [];
  } catch (error) {
    return [error.message];
  }
}

async function modelOf({ apiVersion, kind }) {
  const key = `${apiVersion}/${kind}`;
  if (!known.has(key)) {
    known.set(key, await load(apiVersion, kind));
  }
  return known.get(key);
}

async function load(apiVersion, kind) {
  const name = apiVersion.startsWith('monitoring.coreos.com/') ? `@kubernetes-models/prometheus-operator/${apiVersion}` : `kubernetes-models/${apiVersion}`;
  try {
    return (await import(name))[kind] ?? null;
  } catch {
    return null;
  }
}
