// What a hub's own headings and item names mean: chosen once, kept for the hub, used by every import.

import { get, Problem, write } from './api.js'
import { fill, h } from './dom.js'
import { moment } from './format.js'
import { named, t, word } from './i18n.js'
import { emptyState, errorState, explained, loadingState } from './live.js'
import { field, foldable, form, table, toast } from './parts.js'
import { itemsOf } from './views/scorecards.js'

/**
 * @typedef {Schema<'ImportMappingInput'> & Partial<Schema<'ImportMapping'>>} Mapping
 * @typedef {{code: string, name: string, cards: {id: string, name: Schema<'Name'>}[]}} Hub
 * @typedef {{kind: 'heading' | 'item', text: string}} Unknown
 * @typedef {{name: string, items: {key: string, name: string}[]}} Plan
 */

/** Of a heading or name. */
const TEXT_CHARS_MAX = 200
const MEANINGS = [
  'item',
  'name',
  'month',
  'value',
  'numerator',
  'denominator',
  'part',
  'not_applicable',
  'clear',
  'hub',
  'key',
  'scorecard',
  'ignored',
]

/** @param {Hub} hub */
const pathOf = hub => `/v1/hubs/${encodeURIComponent(hub.code)}/import-mapping`

/** What a file says that nobody has explained yet. @param {Schema<'Issue'>[]} issues @returns {Unknown[]} */
export function unknownParts(issues) {
  /** @type {Map<string, Unknown>} */
  const found = new Map()
  for (const { code, place } of issues) {
    const kind =
      code === 'unknown_heading' ? 'heading' : ['unknown_item', 'ambiguous_item'].includes(code) ? 'item' : null
    // A line break in a heading is a space to the mapping.
    const text = place?.value?.replace(/\s+/g, ' ').trim()
    if (kind && text) found.set(`${kind} ${text}`, { kind, text })
  }
  return [...found.values()]
}

/** The mapping that is saved; an empty one where there is none. @param {Hub} hub @param {AbortSignal} signal @returns {Promise<Mapping>} */
async function saved(hub, signal) {
  try {
    return await get(pathOf(hub), signal)
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return { headings: {}, items: {} }
    throw error
  }
}

/** The items that a hub can mean, by scorecard. @param {Hub} hub @param {AbortSignal} signal @returns {Promise<Plan[]>} */
async function plansOf(hub, signal) {
  /** @type {Schema<'EvaluatedScorecard'>[]} */
  const cards = await Promise.all(hub.cards.map(card => get(`/v1/scorecards/${encodeURIComponent(card.id)}`, signal)))
  return cards.map(card => ({
    name: named(card.name),
    items: itemsOf(card).map(item => ({ key: item.key, name: named(item.name) })),
  }))
}

/**
 * Asks what each unknown heading and name means, and keeps the answers.
 * @param {Hub} hub @param {Unknown[]} unknown @param {AbortSignal} signal
 * @param {() => void} done what was asked about is read again
 */
export function mappingForm(hub, unknown, signal, done) {
  const place = h('section', { class: 'panel import-mapping' }, loadingState())
  void (async () => {
    try {
      const plans = await plansOf(hub, signal)
      fill(place, questions(hub, unknown, plans, signal, done))
    } catch (error) {
      if (!signal.aborted) fill(place, errorState(error))
    }
  })()
  return place
}

/** @param {Hub} hub @param {Unknown[]} unknown @param {Plan[]} plans @param {AbortSignal} signal @param {() => void} done */
function questions(hub, unknown, plans, signal, done) {
  const rows = unknown.map(part => ({ part, select: meaningChoice(part, plans) }))
  const message = h('div', { class: 'message', role: 'alert' })
  const button = h('button', { type: 'submit', class: 'primary' }, t('imports.mapping.save'))
  const form = h(
    'form',
    { noValidate: true },
    table(
      t('imports.mapping.ask'),
      [t('imports.mapping.text'), t('imports.mapping.meaning')],
      rows.map(({ part, select }) => [
        [part.text, h('span', { class: 'quiet block' }, t(`imports.unknown.${part.kind}`))],
        select,
      ]),
      'cards',
    ),
    message,
    h('div', { class: 'actions' }, button),
  )
  form.addEventListener('submit', async event => {
    event.preventDefault()
    fill(message)
    const chosen = rows.flatMap(({ part, select }) => (select.value ? [{ text: part.text, answer: select.value }] : []))
    if (chosen.length === 0) {
      fill(message, t('imports.mapping.none_chosen'))
      rows[0]?.select.focus()
      return
    }
    button.disabled = true
    try {
      await keep(hub, await saved(hub, signal), chosen)
      toast(t('imports.mapping.saved'))
      done()
    } catch (error) {
      const [title, advice] = explained(error)
      fill(message, h('p', null, h('strong', null, title), ' ', advice))
      button.disabled = false
    }
  })
  return [h('h2', null, t('imports.mapping.ask')), h('p', null, t('imports.mapping.ask.lead', { hub: hub.name })), form]
}

/** @param {Pick<Unknown, 'kind'> & {text?: string}} part @param {Plan[]} plans @returns {HTMLSelectElement} */
function meaningChoice({ kind, text }, plans) {
  const option = (/** @type {string} */ value, /** @type {string} */ text) => h('option', { value }, text)
  const ofColumn = h(
    'optgroup',
    { label: t('imports.mapping.columns') },
    MEANINGS.filter(meaning => meaning !== 'ignored').map(code => option(`heading:${code}`, word('meaning', code))),
  )
  const ofItems = plans.map(plan =>
    h(
      'optgroup',
      { label: t('imports.mapping.items', { name: plan.name }) },
      plan.items.map(item => option(`item:${item.key}`, t('imports.with', { meaning: item.name, about: item.key }))),
    ),
  )
  return h(
    'select',
    text ? { 'aria-label': t('imports.mapping.meaning_of', { text }) } : { name: 'meaning', required: true },
    option('', t('imports.mapping.choose')),
    kind === 'heading' && option('heading:ignored', t('imports.mapping.ignore')),
    kind === 'heading' && ofColumn,
    ofItems,
  )
}

/** @param {Hub} hub @param {Mapping} before @param {{text: string, answer: string}[]} chosen */
async function keep(hub, before, chosen) {
  const headings = { ...before.headings }
  const items = { ...before.items }
  for (const { text, answer } of chosen) {
    const [kind, value = ''] = answer.split(/:(.*)/s)
    if (kind === 'heading') headings[text] = value
    else items[text] = value
  }
  await write('PUT', pathOf(hub), { headings, items })
}

/**
 * What is saved for a hub, to be looked at, added to and taken back.
 * @param {Hub} hub @param {AbortSignal} signal @param {() => void} changed
 */
export function savedMapping(hub, signal, changed) {
  const list = h('div', { class: 'stack' }, loadingState())
  const adding = h('div', null)
  const load = async () => {
    try {
      const mapping = await saved(hub, signal)
      if (!signal.aborted) fill(list, mappingTable(hub, mapping, signal, done))
    } catch (error) {
      if (signal.aborted) return
      fill(
        list,
        errorState(error, () => void load()),
      )
    }
  }
  const done = async () => {
    await load()
    changed()
  }
  const element = foldable(t('imports.mapping.of', { hub: hub.name }), [list, adding], { name: 'import-mapping' })
  element.addEventListener('toggle', async () => {
    if (!element.open) return
    await load()
    if (adding.childElementCount === 0 && !signal.aborted)
      fill(adding, addForm(hub, await plansOf(hub, signal).catch(() => []), signal, done))
  })
  return element
}

/** A word that no file has asked about: where the headings are not even found, say. @param {Hub} hub @param {Plan[]} plans @param {AbortSignal} signal @param {() => Promise<void>} done */
function addForm(hub, plans, signal, done) {
  const input = h('input', { type: 'text', name: 'text', required: true, maxLength: TEXT_CHARS_MAX })
  const element = form(
    [
      h('h3', null, t('imports.mapping.add')),
      h(
        'div',
        { class: 'side-by-side' },
        field(t('imports.mapping.text'), input),
        field(t('imports.mapping.meaning'), meaningChoice({ kind: 'heading' }, plans)),
      ),
    ],
    t('imports.mapping.add'),
    async values => {
      await keep(hub, await saved(hub, signal), [{ text: values.text ?? '', answer: values.meaning ?? '' }])
      toast(t('imports.mapping.saved'))
      element.reset()
      await done()
    },
  )
  return element
}

/** @param {Hub} hub @param {Mapping} mapping @param {AbortSignal} signal @param {() => Promise<void>} done */
function mappingTable(hub, mapping, signal, done) {
  const lead = h('p', { class: 'quiet' }, t('imports.mapping.lead'))
  const entries = [
    ...Object.entries(mapping.headings).map(([text, code]) => ({
      text,
      kind: 'headings',
      meaning: word('meaning', code),
    })),
    ...Object.entries(mapping.items).map(([text, key]) => ({
      text,
      kind: 'items',
      meaning: t('imports.mapping.item', { key }),
    })),
  ]
  if (entries.length === 0) return [lead, emptyState(t('imports.mapping.empty'))]
  const without = (/** @type {Record<string, string>} */ all, /** @type {string} */ text) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => key !== text))
  const change = async (/** @type {HTMLButtonElement} */ button, /** @type {() => Promise<unknown>} */ work) => {
    button.disabled = true
    try {
      await work()
      toast(t('imports.mapping.removed'))
    } catch (error) {
      toast(explained(error).join(' '))
    }
    await done()
  }
  const remove = (/** @type {typeof entries[number]} */ { text, kind }) => {
    const button = h(
      'button',
      { type: 'button', class: 'plain small', 'aria-label': t('imports.mapping.remove_one', { text }) },
      t('imports.mapping.remove'),
    )
    button.addEventListener('click', () =>
      change(button, async () => {
        const { headings, items } = await saved(hub, signal)
        await write('PUT', pathOf(hub), {
          headings: kind === 'headings' ? without(headings, text) : headings,
          items: kind === 'items' ? without(items, text) : items,
        })
      }),
    )
    return button
  }
  const all = h('button', { type: 'button', class: 'danger' }, t('imports.mapping.remove_all'))
  all.addEventListener('click', () => change(all, () => write('DELETE', pathOf(hub))))
  return [
    lead,
    table(
      t('imports.mapping.of', { hub: hub.name }),
      [t('imports.mapping.text'), t('imports.mapping.meaning'), t('imports.mapping.remove')],
      entries.map(entry => [entry.text, entry.meaning, remove(entry)]),
      'cards',
    ),
    mapping.updated_at &&
      h(
        'p',
        { class: 'quiet' },
        t('imports.mapping.updated', { by: mapping.updated_by ?? '', at: moment(mapping.updated_at) }),
      ),
    h('div', null, all),
  ]
}
