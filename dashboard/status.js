// Statuses and flags: a colour, a shape and a word, always together.

import { h, s } from './dom.js'
import { word } from './i18n.js'

/** @typedef {'red' | 'amber' | 'watch' | 'good' | 'missing' | 'idle'} Tone */

/** Worst first, as the API judges steps. */
export const STATUSES = /** @type {const} */ ([
  'behind',
  'no_data',
  'at_risk',
  'on_track',
  'not_due',
  'achieved',
  'untargeted',
  'not_applicable',
])

/** @type {Record<string, Tone>} */
const TONES = {
  behind: 'amber',
  no_data: 'missing',
  at_risk: 'watch',
  on_track: 'good',
  achieved: 'good',
  not_due: 'idle',
  untargeted: 'idle',
  not_applicable: 'idle',
}
/** Drawn in a square of 16. @type {Record<string, string>} */
const SHAPES = {
  behind: 'M3 3h10v10H3z',
  at_risk: 'M8 2l7 12H1z',
  on_track: 'M8 2a6 6 0 100 12A6 6 0 108 2z',
  achieved: 'M6.500 13.500L1.500 8.500l2-2 3 3 6-7 2 2z',
  no_data: 'M8 1l7 7-7 7-7-7zm0 3.200L4.200 8 8 11.800 11.800 8z',
  not_due: 'M8 2a6 6 0 100 12A6 6 0 108 2zm0 2.200a3.800 3.800 0 110 7.600 3.800 3.800 0 110-7.600z',
  untargeted: 'M2 7h12v2H2z',
  not_applicable:
    'M3 4.400L4.400 3 8 6.600 11.600 3 13 4.400 9.400 8l3.600 3.600L11.600 13 8 9.400 4.400 13 3 11.600 6.600 8z',
}

/** The colour of a status under a flag. @param {string} status @param {string} flag @returns {Tone} */
export function toneOf(status, flag) {
  if (flag === 'red') return 'red'
  if (flag === 'amber') return 'amber'
  return TONES[status] ?? 'idle'
}

/** @param {string} status */
export function shape(status) {
  return s(
    'svg',
    { class: 'shape', viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    s('path', { d: SHAPES[status] ?? SHAPES.untargeted, 'fill-rule': 'evenodd' }),
  )
}

/** Shape and word of a status. @param {string} status @param {string} flag */
export function statusMark(status, flag) {
  return h('span', { class: `status tone-${toneOf(status, flag)}` }, shape(status), word('status', status))
}

const FLAG_STATUS = /** @type {Record<string, string>} */ ({ red: 'behind', amber: 'at_risk', none: 'on_track' })

/** Shape and word of a flag: 赤, 黄, 青. @param {string} flag */
export function flagMark(flag) {
  const status = FLAG_STATUS[flag] ?? 'untargeted'
  return h('span', { class: `status flag tone-${flag === 'none' ? 'good' : flag}` }, shape(status), word('flag', flag))
}

/** @type {Record<string, number>} */
export const FLAG_RANK = { red: 0, amber: 1, none: 2 }

/** What the colours and shapes mean. */
export function legend() {
  return h(
    'ul',
    { class: 'legend' },
    STATUSES.map(status => h('li', null, statusMark(status, 'none'))),
    h('li', null, h('span', { class: 'status tone-red' }, shape('behind'), word('legend', 'red'))),
  )
}
