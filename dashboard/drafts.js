// What has been typed and not sent yet, in this browser only.

const PREFIX = 'shirube.draft.'

/** @typedef {Record<string, Record<string, string>>} Draft by item and field */

/** @param {string} scorecard @param {string} month */
const nameOf = (scorecard, month) => `${PREFIX}${scorecard}.${month}`

/** @param {string} scorecard @param {string} month @returns {Draft} */
export function readDraft(scorecard, month) {
  try {
    return JSON.parse(localStorage.getItem(nameOf(scorecard, month)) ?? '{}')
  } catch {
    return {}
  }
}

/** @param {string} scorecard @param {string} month @param {Draft} draft */
export function keepDraft(scorecard, month, draft) {
  if (Object.keys(draft).length > 0) localStorage.setItem(nameOf(scorecard, month), JSON.stringify(draft))
  else localStorage.removeItem(nameOf(scorecard, month))
}

/** A text that has not been sent yet. @param {string} of what it is about */
export const readText = of => localStorage.getItem(PREFIX + of) ?? ''

/** @param {string} of @param {string} text */
export function keepText(of, text) {
  if (text) localStorage.setItem(PREFIX + of, text)
  else localStorage.removeItem(PREFIX + of)
}

/** Leaves nothing behind on a shared computer. */
export function clearDrafts() {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX)) localStorage.removeItem(name)
  }
}
