// The oldest browsers that the pages and the ticker run in, and what is newer than they are, by the data of MDN
// (@mdn/browser-compat-data, version in package.json).

import { createRequire } from 'node:module';

/** Spring 2022. Older ones show the words of the page without numbers. */
export const BASELINE = { chrome: 100, firefox: 100, safari: 15.4 };

const data = createRequire(import.meta.url)('@mdn/browser-compat-data');

/** Whether a browser of this version has a feature, without a flag and under its own name. */
function isSupported(support, version) {
  return [support ?? []].flat().some((statement) => {
    const { version_added: added, version_removed: removed, flags, prefix, alternative_name: other } = statement;
    const from = Number.parseFloat(String(added).replace('≤', ''));
    const until = removed ? Number.parseFloat(removed) : Infinity;
    return from <= version && version < until && !flags && !prefix && !other;
  });
}

const isNewer = ({ __compat: compat }) =>
  compat && Object.entries(BASELINE).some(([browser, version]) => !isSupported(compat.support[browser], version));

/** Members of objects of scripts, as `[owner, member, isStatic]`; whole objects as `[owner]`. */
export function newerMembers() {
  const members = [];
  for (const owners of [data.api, data.javascript.builtins]) {
    for (const [owner, features] of Object.entries(owners)) {
      if (owner === '__compat') continue;
      if (isNewer(features)) {
        members.push([owner]);
        continue;
      }
      for (const [name, feature] of Object.entries(features)) {
        if (name !== '__compat' && /^[A-Za-z]+(_static)?$/.test(name) && isNewer(feature)) {
          members.push([owner, name.replace('_static', ''), name.endsWith('_static')]);
        }
      }
    }
  }
  return members;
}

/** Names of members that only objects have that are newer, so that the name alone says that it is too new. */
export function newerNames() {
  const newer = new Set(newerMembers().flatMap(([, member]) => member ?? []));
  for (const owners of [data.api, data.javascript.builtins]) {
    for (const features of Object.values(owners)) {
      for (const [name, feature] of Object.entries(features)) if (!isNewer(feature)) newer.delete(name.replace('_static', ''));
    }
  }
  return [...newer];
}

/** Deletes members in a page, before its scripts run. What a browser does not let go stays. */
export function deleteMembers(members) {
  for (const [owner, member, isStatic] of members) {
    if (member === undefined) {
      delete globalThis[owner];
      continue;
    }
    const object = globalThis[owner];
    if (object) {
      delete object[member];
      // `Response.json()` is newer than `response.json()`.
      if (object.prototype && !isStatic) delete object.prototype[member];
    }
    if (owner === 'Window') delete globalThis[member];
  }
}
