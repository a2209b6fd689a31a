// The reader's language. Words live in `i18n/`; names come from the API in both languages.

import { en } from './i18n/en.js'
import { ja } from './i18n/ja.js'

/**
 * @typedef {'ja' | 'en'} Language
 * @typedef {typeof ja} Words
 * @typedef {keyof Words} WordKey
 */

const KEPT_AS = 'shirube.language'
/** @type {Record<Language, Words>} */
const WORDS = { ja, en }

/** @returns {Language} */
function preferred() {
  const kept = localStorage.getItem(KEPT_AS)
  if (kept === 'ja' || kept === 'en') return kept
  return navigator.language.startsWith('ja') ? 'ja' : navigator.language.startsWith('en') ? 'en' : 'ja'
}

let current = preferred()
document.documentElement.lang = current

export const language = () => current

/** @param {Language} next */
export function setLanguage(next) {
  current = next
  localStorage.setItem(KEPT_AS, next)
  document.documentElement.lang = next
}

/**
 * A sentence in the reader's language; `{name}` in it stands for a value.
 * @param {WordKey} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values) {
  const text = WORDS[current][key]
  return values ? text.replace(/\{(\w+)\}/g, (mark, name) => String(values[name] ?? mark)) : text
}

/**
 * The word of a code of the API; the code itself where we know no word yet.
 * @param {string} group
 * @param {string | null | undefined} code
 */
export function word(group, code) {
  const key = `${group}.${code}`
  return key in WORDS[current] ? WORDS[current][/** @type {WordKey} */ (key)] : (code ?? '')
}

/** @param {{ja: string, en: string} | null | undefined} text */
export const named = text => (text ? text[current] : '')
