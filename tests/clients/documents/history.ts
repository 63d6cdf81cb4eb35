// What the generated types of the query beside this file let one write, and what not.

import type { HistoryQuery, HistoryQueryVariables } from './history.generated';

export const variables: HistoryQueryVariables = { year: 2021, by: 'HOUR' };

export function lettersOf({ edition }: HistoryQuery): number {
  const last: number | undefined = edition?.history.at(-1)?.letters;
  return edition?.total.status === 'COMPLETE' ? edition.total.letters : (last ?? 0);
}

// @ts-expect-error there is no history by the minute
export const minutes: HistoryQueryVariables = { year: 2021, by: 'MINUTE' };

// @ts-expect-error an edition may not be there
export const never = (answer: HistoryQuery): number => answer.edition.total.letters;
