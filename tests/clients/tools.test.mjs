// The tools that read the schema as it is committed: relay-compiler, graphql-codegen with TypeScript,
// and the rules of graphql-eslint. What they make is asked of the service.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import graphqlPlugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  parse,
  printSchema,
  validateSchema,
} from 'graphql';

import { Service } from '../w4r.mjs';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const tool = (name) => here(`node_modules/.bin/${name}`);
const SCHEMA = here('../../schema.graphql');

let service, folder;
before(async () => {
  service = await Service.start();
  folder = await mkdtemp(join(tmpdir(), 'w4r-tools-'));
  await cp(here('documents'), join(folder, 'documents'), { recursive: true });
  await cp(SCHEMA, join(folder, 'schema.graphql'));
  await symlink(here('node_modules'), join(folder, 'node_modules'));
});
after(async () => {
  await service?.stop();
  if (folder) await rm(folder, { recursive: true });
});

test('introspection with all options of the specification gives the schema as it is committed', async () => {
  const options = { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true };
  const query = getIntrospectionQuery({ ...options, inputValueDeprecation: true, oneOf: true });
  const introspected = buildClientSchema(await service.ask(query));
  assert.deepEqual(validateSchema(introspected), []);
  const printed = (schema) => printSchema(lexicographicSortSchema(schema));
  assert.equal(printed(introspected), printed(buildSchema(await readFile(SCHEMA, 'utf8'))));
});

test('relay-compiler takes the schema for one of Relay, and what it compiles is answered', async () => {
  await writeFile(
    join(folder, 'relay.config.json'),
    JSON.stringify({ src: './documents', schema: './schema.graphql', language: 'typescript' }),
  );
  await run(tool('relay-compiler'), [], { cwd: folder });
  const compiled = async (name) => {
    const artifact = await readFile(join(folder, 'documents/__generated__', `${name}.graphql.ts`), 'utf8');
    return JSON.parse(artifact.match(/"text": (".*")/)[1]);
  };
  await service.submit(9, { slug: 'wendy-galarza' });
  const found = await service.ask('{ case(edition: 2021, slug: "wendy-galarza") { id } }');
  const first = await service.ask(await compiled('CasesQuery'), { first: 7, node: found.case.id });
  assert.equal(first.node.__typename, 'Case');
  assert.equal(first.node.total.letters, 9);
  const rest = await service.ask(await compiled('CasesPageQuery'), {
    first: 7,
    after: first.cases.pageInfo.endCursor,
  });
  const slugs = [first, rest].flatMap(({ cases }) => cases.edges.map(({ node }) => node.slug));
  assert.deepEqual([first.cases.edges.length, rest.cases.edges.length], [7, 3]);
  assert.equal(new Set(slugs).size, 10);
  assert.equal(rest.cases.pageInfo.hasNextPage, false);
  assert.match(await compiled('CasesSubscription'), /^subscription CasesSubscription/);
});

test('graphql-codegen makes types that TypeScript holds a client to', async () => {
  const text = await readFile(here('documents/history.graphql'), 'utf8');
  const scalars = { Count: 'number', DateTime: 'string' };
  const generate = async (filename, documents, plugin) => {
    const made = await codegen({
      schema: parse(await readFile(SCHEMA, 'utf8')),
      documents,
      config: { scalars: { Count: 'number', DateTime: 'string' } },
      plugins: [{ plugin: {} }],
      pluginMap: { plugin },
      filename,
    });
    await writeFile(join(folder, 'documents', filename), made);
  };
  await generate('schema.generated.ts', [], typescript);
  await generate('history.generated.ts', [{ location: 'history.graphql', document: parse(text) }], operations);
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler'];
  await run(tool('tsc'), [...options, 'documents/history.ts', 'documents/schema.generated.ts'], { cwd: folder }).catch(({ stdout }) => assert.fail(stdout));
  const { edition } = await service.ask(text, { year: 2021, by: 'HOUR' });
  assert.equal(edition.history.at(-1).letters, edition.total.letters);
});

test('graphql-eslint finds every thing described and every list of Relay whole', async () => {
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.graphql'],
      languageOptions: {
        parser: graphqlPlugin.parser,
        parserOptions: { graphQLConfig: { schema: join(folder, 'schema.graphql') } },
      },
      plugins: { '@graphql-eslint': graphqlPlugin },
      rules: {
        '@graphql-eslint/no-duplicate-fields': 'error',
        '@graphql-eslint/no-hashtag-description': 'error',
        '@graphql-eslint/no-typename-prefix': 'error',
        '@graphql-eslint/no-unreachable-types': 'error',
        // The list that staff work through goes forward only.
        '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
        '@graphql-eslint/relay-connection-types': 'error',
        '@graphql-eslint/relay-edge-types': [
          'error',
          { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
        ],
        '@graphql-eslint/relay-page-info': 'error',
        '@graphql-eslint/require-deprecation-reason': 'error',
        '@graphql-eslint/require-description': [
          'error',
          {
            types: true,
            FieldDefinition: true,
            InputValueDefinition: true,
            EnumValueDefinition: true,
            // Those are of the language itself.
            ignoredSelectors: ['DirectiveDefinition *'],
          },
        ],
        '@graphql-eslint/unique-enum-value-names': 'error',
      },
    },
  });
  const [{ messages }] = await eslint.lintFiles('schema.graphql');
  const said = messages.map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`);
  assert.deepEqual(said, []);
});
