// What has been typed into a month or a plan and not sent yet, in this browser only.

const PREFIX = 'shirube.draft.'

/** What the draft of a revision is kept as; a month's is kept as the month. */
export const PLAN = 'plan'

/** @typedef {Record<string, unknown>} Draft of a month by item, of a plan by place */

/** @param {string} scorecard @param {string} what */
const nameOf = (scorecard, what) => `${PREFIX}${scorecard}.${what}`

/** @param {string} scorecard @param {string} what a month, or `PLAN` @returns {Draft} */
export function readDraft(scorecard, what) {
  try {
    return JSON.parse(localStorage.getItem(nameOf(scorecard, what)) ?? '{}')
  } catch {
    return {}
  }
}

/** @param {string} scorecard @param {string} what a month, or `PLAN` @param {Draft} draft */
export function keepDraft(scorecard, what, draft) {
  if (Object.keys(draft).length > 0) localStorage.setItem(nameOf(scorecard, what), JSON.stringify(draft))
  else localStorage.removeItem(nameOf(scorecard, what))
}

/** Leaves nothing behind on a shared computer. */
export function clearDrafts() {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX)) localStorage.removeItem(name)
  }
}
