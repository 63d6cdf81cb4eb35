// gql, the Python client, with the Python that `PYTHON` names.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { Service } from '../w4r.mjs';

test('gql asks by aiohttp and httpx, and watches by websockets', async () => {
  const service = await Service.start();
  const script = new URL('clients.py', import.meta.url).pathname;
  // Nothing else is to happen meanwhile, so that it may as well wait.
  const ran = spawnSync(process.env.PYTHON ?? 'python3', [script, service.url], { encoding: 'utf8' });
  await service.stop();
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stdout.trim(), 'gql: queries, mutations and subscriptions');
});
