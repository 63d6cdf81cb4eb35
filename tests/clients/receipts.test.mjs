// proofbundle, an independent verifier of transparency logs, with the Python that `PYTHON` names.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Service } from '../w4r.mjs';

const REPORT = `mutation Report($input: ReportSubmitInput!) {
  reportSubmit(input: $input) { report { id } secret userErrors { code path message } }
}`;
const RECEIPT = 'query Receipt($id: ID!) { report(id: $id) { receipt { proof } } }';

test('a receipt and the log of a service are verified by another program', async () => {
  const service = await Service.start();
  const folder = await mkdtemp(join(tmpdir(), 'w4r-receipt-'));
  for (const quantity of [3, 4, 5, 6]) await service.submit(quantity);
  const { reportSubmit } = await service.ask(REPORT, { input: await service.report(12) });
  const { report, secret } = reportSubmit;
  // The log grows with each minute of the clock.
  const size = async () => Number((await (await fetch(new URL('log/checkpoint', service.url))).text()).split('\n')[1]);
  while ((await size()) < 5);
  const { proof } = (await service.ask(RECEIPT, { id: report.id }, { secret })).report.receipt;
  const file = join(folder, 'receipt.tlog-proof');
  await writeFile(file, proof);
  const script = new URL('receipts.py', import.meta.url).pathname;
  const ran = spawnSync(process.env.PYTHON ?? 'python3', [script, service.url, file], { encoding: 'utf8' });
  await service.stop();
  await rm(folder, { recursive: true });
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stdout.trim(), 'proofbundle: a receipt, the head, its tiles and its history');
});
