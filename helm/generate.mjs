// Makes what is made of something else here, so that nothing can be forgotten:
//
//   docs/configuration.md  → options of the program in values.yaml and values.schema.json, and their bounds in templates/_options.tpl
//   comments of values.yaml → descriptions in values.schema.json, tables in README.md
//   backup-sidecar-lib      → backup-sidecar/charts, a copy, so that no network is needed
//
// node helm/generate.mjs           writes
// node helm/generate.mjs --check   exit code 1 and the names of files that are not current
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const library = join(here, 'backup-sidecar-lib');
const application = join(here, 'backup-sidecar');
const vendored = join(application, 'charts', 'backup-sidecar-lib');
const isCheck = process.argv.includes('--check');
const stale = [];

// Where a pod needs another value than the program's default. Null: there is none, and the program decides.
const chartDefaults = {
  'repository.path': '/backups',
  'state.path': '/var/lib/backup-sidecar',
  'shutdown.deadline': '20s',
  'service.appSocket': '/run/backup-sidecar/sidecar.sock',
  'service.monitorListen': '0.0.0.0:9464',
};
const chartRemarks = {
  'state.instance': 'In a chart it is the full name of the release unless it is given: a pod that moves goes on with its lease.',
  'shutdown.deadline': 'The time until the pod is killed is made to fit.',
  'repository.path': 'The volume for backups is mounted there.',
  'state.path': 'Its volume is mounted there.',
};

// How a text of the table is checked. A new kind of text is a mistake here, not a value that nobody checks.
const textPatterns = [
  [/^a path$/, '^/'],
  [/^1 to 64 letters, digits, '\.', '_' or '-' of ASCII$/, '^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$'],
  [/^the id of a /, '^[A-Za-z0-9_-]+$'],
  [/^the name of an environment variable$/, '^[A-Za-z_][A-Za-z0-9_]*$'],
  [/^an address$/, '^[^@ ]+@[^@ ]+$'],
  [/^the address of an emulator on this host$/, '^https?://(127\\.0\\.0\\.1|\\[::1\\]|localhost)(:[0-9]{1,5})?/?$'],
  [/^a version such as /, '^[0-9]+\\.[0-9]+\\.[0-9]+$'],
  [/^a pattern with \* and \?/, '^[^/]'],
  [/^127\.0\.0\.1:PORT or \[::1\]:PORT$/, '^(127\\.0\\.0\\.1|\\[::1\\]):[1-9][0-9]{0,4}$'],
  [/^an IP address and a port/, '^([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[1-9][0-9]{0,4}$'],
];
const durationPattern = '^[0-9]+(ms|s|m|h|d)$';
const requiredInItems = { remotes: ['name'], 'remotes.drive': ['folder'] };
const itemsMax = { remotes: 4 };

main();

function main() {
  const options = readOptions();
  const values = readFileSync(join(library, 'values.yaml'), 'utf8');
  const newValues = between(values, '# BEGIN options of the program', '# END options of the program', valuesBlock(options));
  write(join(library, 'values.yaml'), newValues);
  const libraryDocs = commentsOf(newValues);
  write(join(library, 'values.schema.json'), schemaOf(join(library, 'values.schema.json'), libraryDocs, options));
  write(join(library, 'templates', '_options.tpl'), optionsTemplate(options));

  const appDocs = commentsOf(readFileSync(join(application, 'values.yaml'), 'utf8'));
  write(join(application, 'values.schema.json'), schemaOf(join(application, 'values.schema.json'), appDocs, null));
  const libraryTable = [...tableOfOptions(options, ''), ...tableOf(libraryDocs.filter((doc) => !isOption(doc.path, options)), '')];
  write(join(library, 'README.md'), withTables(join(library, 'README.md'), { values: libraryTable }));
  write(join(application, 'README.md'), withTables(join(application, 'README.md'), {
    'values of the app': tableOf(appDocs, ''),
    'options of the program': tableOfOptions(options, 'backupSidecar.'),
    'values of the sidecar': tableOf(libraryDocs.filter((doc) => !isOption(doc.path, options)), 'backupSidecar.'),
  }));
  vendor();
  if (isCheck && stale.length > 0) {
    console.error(`Not current: ${stale.join(', ')}. Run 'node helm/generate.mjs' and commit what it writes.`);
    process.exit(1);
  }
}

/** The table of docs/configuration.md: key, kind, bounds, default, effect. */
function readOptions() {
  const rows = readFileSync(join(here, '..', 'docs', 'configuration.md'), 'utf8').split('\n')
    .map((line) => /^\| `([A-Za-z[\].]+)` \| ([^|]+) \|([^|]*)\| (.+) \|$/.exec(line)).filter(Boolean);
  const options = rows.filter((row) => /^(text|duration|number|choice|flag|list of text):/.test(row[2])).map(([, key, value, fallback, effect]) => {
    const [, kind, bounds] = /^([a-z ]+): (.+)$/.exec(value.trim());
    const text = fallback.trim().replace(/^`|`$/g, '');
    const programDefault = text === '' ? null : kind === 'number' ? Number(text) : kind === 'flag' ? text === 'true' : kind === 'list of text' ? JSON.parse(text) : text;
    return {
      key, kind, bounds, effect, programDefault, value: value.trim(),
      section: key.split(/[.[]/)[0], isItem: key.includes('[]'),
      default: key in chartDefaults ? chartDefaults[key] : programDefault,
    };
  });
  if (options.length < 20) {
    throw new Error('docs/configuration.md has no table of keys any more: its rows are not recognised.');
  }
  const unknown = [...Object.keys(chartDefaults), ...Object.keys(chartRemarks)].find((key) => !options.some((option) => option.key === key));
  if (unknown) {
    throw new Error(`The chart has a default or a remark for ${unknown}, which docs/configuration.md does not name.`);
  }
  return options;
}

function isOption(path, options) {
  return options.some((option) => option.section === path.split('.')[0]);
}

function sectionsOf(options) {
  return [...new Set(options.map((option) => option.section))].map((name) => ({ name, isList: options.some((option) => option.section === name && option.isItem), rows: options.filter((option) => option.section === name) }));
}

function valuesBlock(options) {
  const lines = [];
  for (const { name, isList, rows } of sectionsOf(options)) {
    if (isList) {
      lines.push(`# -- List of: ${rows.map((row) => row.key.replace(`${name}[].`, '')).join(', ')}.`, `${name}: []`);
      continue;
    }
    lines.push(`${name}:`);
    for (const row of rows) {
      lines.push(`  # -- ${effectOf(row)}`, `  ${row.key.replace(`${name}.`, '')}: ${yamlOf(row.default)}`);
    }
  }
  return lines.join('\n');
}

function effectOf(row) {
  return chartRemarks[row.key] ? `${row.effect} ${chartRemarks[row.key]}` : row.effect;
}

function yamlOf(value) {
  return value === null ? 'null' : typeof value === 'string' && /^[A-Za-z0-9/][A-Za-z0-9/.:_-]*$/.test(value) ? value : Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : JSON.stringify(value);
}

function schemaOfOption(row) {
  const isNullable = !row.isItem && row.default === null;
  const typed = (type) => (isNullable ? [type, 'null'] : type);
  const description = effectOf(row);
  switch (row.kind) {
    case 'flag': return { description, type: typed('boolean') };
    case 'duration': return { description: `${description} (${row.bounds})`, type: typed('string'), pattern: durationPattern };
    case 'number': {
      const [, min, max] = /^([0-9]+) to ([0-9]+)$/.exec(row.bounds);
      return { description, type: typed('integer'), minimum: Number(min), maximum: Number(max) };
    }
    case 'choice': return { description, enum: [...row.bounds.split(/, | or /), ...(isNullable ? [null] : [])] };
    case 'list of text': return { description, type: 'array', items: { type: 'string', minLength: 1 } };
    default: {
      const known = textPatterns.find(([phrase]) => phrase.test(row.bounds));
      if (!known) {
        throw new Error(`generate.mjs does not know how to check '${row.bounds}' of ${row.key}: add it to textPatterns.`);
      }
      return { description, type: typed('string'), pattern: known[1] };
    }
  }
}

function programSchema(options) {
  const sections = {};
  for (const { name, isList, rows } of sectionsOf(options)) {
    const root = { type: 'object', additionalProperties: false, properties: {} };
    if (requiredInItems[name]) {
      root.required = requiredInItems[name];
    }
    for (const row of rows) {
      const parts = row.key.replace(isList ? `${name}[].` : `${name}.`, '').split('.');
      let at = root;
      for (const [i, part] of parts.slice(0, -1).entries()) {
        const required = requiredInItems[[name, ...parts.slice(0, i + 1)].join('.')];
        at.properties[part] ??= { type: 'object', additionalProperties: false, ...(required && { required }), properties: {} };
        at = at.properties[part];
      }
      at.properties[parts.at(-1)] = schemaOfOption(row);
    }
    sections[name] = isList ? { type: 'array', ...(itemsMax[name] && { maxItems: itemsMax[name] }), items: root } : root;
  }
  return sections;
}

/** The hand-written schema with the sections of the program and every description put in. */
function schemaOf(path, docs, options) {
  const schema = JSON.parse(readFileSync(path, 'utf8'));
  if (options) {
    const program = programSchema(options);
    const own = Object.entries(schema.properties).filter(([name, value]) => !value.$comment?.startsWith('option of the program') && !(name in program));
    const clash = docs.find((doc) => doc.path.split('.')[0] in program && !isOption(doc.path, options));
    if (clash) {
      throw new Error(`The value ${clash.path} has the name of a section of the program.`);
    }
    for (const section of Object.values(program)) {
      section.$comment = 'option of the program: made of docs/configuration.md';
    }
    schema.properties = { ...program, ...Object.fromEntries(own) };
  }
  for (const doc of docs) {
    const at = doc.path.split('.').reduce((node, key) => node && (node.properties ?? {})[key], schema);
    if (!at) {
      throw new Error(`${relative(here, path)} does not have ${doc.path}, which values.yaml documents.`);
    }
    if (!options || !isOption(doc.path, options) || at.type === 'array') {
      at.description = doc.text;
    }
  }
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function optionsTemplate(options) {
  const rows = options.filter((option) => option.kind === 'duration').map((option) => {
    const [, min, max] = /^(\S+) to (\S+)$/.exec(option.bounds);
    return { key: option.key, min, max };
  });
  const sections = sectionsOf(options).map((section) => section.name);
  return `{{/*\nSections of the configuration, and the bounds of every duration, for the check in _checks.tpl: made of docs/configuration.md by generate.mjs.\n*/}}
{{- define "backup-sidecar.sections" -}}\n${JSON.stringify(sections)}\n{{- end }}
{{- define "backup-sidecar.durations" -}}\n${JSON.stringify(rows)}\n{{- end }}\n`;
}

/** Every value with a comment that begins with "# --": its path, the comment, and its default as it is written. */
function commentsOf(text) {
  const docs = [];
  const path = [];
  let comment = null;
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const said = /^( *)# ?(.*)$/.exec(line);
    const key = /^( *)([A-Za-z0-9_-]+):(?: (.*))?$/.exec(line);
    if (said) {
      comment = said[2].startsWith('-- ') ? said[2].slice(3) : comment === null ? null : `${comment} ${said[2]}`;
    } else if (key) {
      const depth = key[1].length / 2;
      path.length = depth;
      path[depth] = key[2];
      const isBlock = !key[3] && /^( *)\S/.exec(lines[i + 1] ?? '')?.[1].length > key[1].length;
      if (comment !== null) {
        docs.push({ path: path.join('.'), text: comment, default: isBlock ? null : key[3] ?? '' });
      } else if (!isBlock && !docs.some((doc) => path.join('.').startsWith(`${doc.path}.`))) {
        throw new Error(`values.yaml, line ${i + 1}: ${path.join('.')} has no comment that begins with '# -- '.`);
      }
      comment = null;
    } else if (line.trim() === '') {
      comment = null;
    }
  }
  return docs;
}

function row(key, value, fallback, effect) {
  return `| ${[key, value, fallback, effect].map((cell) => (cell ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
}

function tableOf(docs, prefix) {
  return ['| value | default | meaning |', '|---|---|---|',
    ...docs.map((doc) => `| \`${prefix}${doc.path}\` | ${doc.default === null ? '[values.yaml](values.yaml)' : `\`${doc.default}\``} | ${doc.text.replaceAll('|', '\\|')} |`), ''];
}

function tableOfOptions(options, prefix) {
  return ['| option | value | default | effect |', '|---|---|---|---|',
    ...options.map((option) => row(`\`${prefix}${option.key}\``, option.value, option.default === null ? '' : `\`${Array.isArray(option.default) ? JSON.stringify(option.default) : option.default}\``, effectOf(option))), ''];
}

function withTables(path, tables) {
  return Object.entries(tables).reduce((text, [name, lines]) => between(text, `<!-- BEGIN ${name}`, `<!-- END ${name}`, `\n${lines.join('\n')}`), readFileSync(path, 'utf8'));
}

function between(text, begin, end, content) {
  const first = text.indexOf(begin);
  const afterFirst = text.indexOf('\n', first) + 1;
  const last = text.indexOf(end);
  if (first < 0 || last < afterFirst) {
    throw new Error(`The lines '${begin}' and '${end}' are gone.`);
  }
  return `${text.slice(0, afterFirst)}${content}\n${text.slice(last)}`;
}

function vendor() {
  // Its links lead to other folders of this repository.
  const wanted = filesOf(library).filter((file) => file !== 'README.md');
  for (const file of existsSync(vendored) ? filesOf(vendored) : []) {
    if (!wanted.includes(file)) {
      stale.push(relative(join(here, '..'), join(vendored, file)));
      if (!isCheck) {
        rmSync(join(vendored, file));
      }
    }
  }
  for (const file of wanted) {
    write(join(vendored, file), readFileSync(join(library, file), 'utf8'));
  }
}

function filesOf(folder, below = '') {
  return readdirSync(join(folder, below)).flatMap((name) => statSync(join(folder, below, name)).isDirectory() ? filesOf(folder, join(below, name)) : [join(below, name)]);
}

function write(path, content) {
  if (existsSync(path) && readFileSync(path, 'utf8') === content) {
    return;
  }
  stale.push(relative(join(here, '..'), path));
  if (!isCheck) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
