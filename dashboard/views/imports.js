// Excel and CSV in: a file is chosen, read by the service without storing anything, looked at,
// and only then taken in.

import { getAll, newKey, Problem, upload } from '../api.js'
import { hubName } from '../charts/heat_map.js'
import { fill, h } from '../dom.js'
import { exact, fiscalYear, fiscalYearOf, lastEndedMonth, monthLong } from '../format.js'
import { named, t, word } from '../i18n.js'
import { chosenFile, KINDS, sizeText, Unfit } from '../import_file.js'
import { mappingForm, savedMapping, unknownParts } from '../import_mapping.js'
import { countsText, grouped, preview, remarks, understood, understoodLine } from '../import_preview.js'
import { explainedRefusal, refusal } from '../import_problems.js'
import { errorState, live, loadingState, steady } from '../live.js'
import { choice, field, foldable, heading } from '../parts.js'
import { me } from '../session.js'

/**
 * @typedef {Schema<'List_ScorecardSummary'>['items'][number]} Card
 * @typedef {Schema<'ImportResult'>} ImportResult
 * @typedef {import('../import_file.js').Chosen} Chosen
 * @typedef {import('../import_mapping.js').Hub} Hub
 */

const ENCODINGS = ['utf-8', 'cp932', 'euc-jp', 'utf-16']
const YEARS_BACK = 4
/** The note goes along in the address. */
const NOTE_CHARS_MAX = 300

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  context.setTitle(t('imports.title'))
  if (!['national', 'hub'].includes(me()?.role ?? '')) {
    fill(outlet, errorState(new Problem(403, null)))
    return
  }
  const load = steady(() => /** @type {Promise<Card[]>} */ (getAll('/v1/scorecards', signal)))
  let isDrawn = false
  await live(context, load, cards => {
    // Once drawn, what has been chosen stays.
    if (isDrawn) return
    isDrawn = true
    page(context, cards)
  })
}

/** @param {import('../live.js').Context} context @param {Card[]} cards */
function page({ outlet, query, signal }, cards) {
  /** @type {Chosen | null} */
  let chosen = null
  /** Counts up, so that an answer that comes late is passed over. */
  let turn = 0
  const outcome = h('div', { class: 'stack import-outcome' })
  const said = h('p', { class: 'sr-only', role: 'status' })
  const names = new Map(
    cards.map(card => [card.id, t('imports.with', { meaning: named(card.name), about: hubName(card.hub) })]),
  )
  const nameOf = (/** @type {string} */ id) => names.get(id) ?? id
  const options = choices(cards, query, () => void look())
  const drop = dropZone(files => void take(files), signal)
  const mappings = h('div', null)

  const draw = (/** @type {import('../dom.js').Children[]} */ ...children) => {
    fill(outcome, ...children)
    const result = outcome.querySelector('.import-result')
    if (!(result instanceof HTMLElement)) return
    said.textContent = ''
    result.focus({ preventScroll: true })
    result.scrollIntoView({ block: 'start' })
  }

  const take = async (/** @type {File[]} */ files) => {
    turn += 1
    drop.says(null)
    try {
      chosen = await chosenFile(files)
      drop.has(chosen)
      options.sheets([])
      await look()
    } catch (error) {
      if (!(error instanceof Unfit)) throw error
      chosen = null
      drop.has(null)
      drop.says(error.message)
      fill(outcome)
    }
  }

  /** Asks what the file would do. */
  const look = async () => {
    if (!chosen) return
    const mine = ++turn
    const file = chosen
    const asked = options.query()
    said.textContent = t('imports.looking', { name: file.name })
    fill(outcome, h('div', { class: 'panel' }, loadingState(t('imports.looking', { name: file.name }))))
    try {
      /** @type {ImportResult} */
      const result = await upload(`/v1/imports?${new URLSearchParams({ ...asked, dry_run: 'true' })}`, file.content, {
        signal,
      })
      if (mine !== turn || signal.aborted) return
      options.sheets(result.understood.sheets.flatMap(sheet => sheet.name ?? []))
      draw(
        result.outcome === 'unchanged' ? nothingNew(result, nameOf) : toTakeIn(file, asked, result),
        explain(result.issues, result.reports[0]?.scorecard),
      )
    } catch (error) {
      if (mine !== turn || signal.aborted) return
      refuse(error, file)
    }
  }

  const again = () => h('button', { type: 'button', class: 'primary', onclick: () => drop.open() }, t('imports.again'))

  const refuse = (/** @type {unknown} */ error, /** @type {Chosen} */ file) => {
    const issues = error instanceof Problem ? error.issues : []
    // Perhaps it only has to be said which scorecard is meant.
    if (issues.some(({ code }) => code === 'unknown_reference') && !options.query().scorecard)
      options.element.open = true
    draw(
      refusal(error, {
        name: file.name,
        again: again(),
        retry: () => void look(),
        more: explain(issues, issues.find(issue => issue.scorecard)?.scorecard),
      }),
    )
  }

  /** Asks what unknown headings mean. @param {Schema<'Issue'>[]} issues @param {string | null | undefined} scorecard */
  const explain = (issues, scorecard) => {
    const unknown = unknownParts(issues)
    const details = mappings.querySelector('details')
    // Headings that are all unknown are not even found; they can be written down by hand.
    if (details && issues.some(({ code, severity }) => code === 'nothing_to_read' && severity === 'error'))
      details.open = true
    const hub = hubOf(cards, options.query().scorecard ?? scorecard)
    if (unknown.length === 0) return null
    return hub
      ? mappingForm(hub, unknown, signal, () => void look())
      : h('p', { class: 'notice' }, t('imports.mapping.which_hub'))
  }

  /** @param {Chosen} file @param {Record<string, string>} asked @param {ImportResult} result */
  const toTakeIn = (file, asked, result) => {
    const message = h('div', { class: 'message', role: 'alert' })
    const note = h('input', { type: 'text', name: 'note', maxLength: NOTE_CHARS_MAX })
    const button = h('button', { type: 'button', class: 'primary' }, t('imports.import'))
    /** One key for what is sent, so that trying again after a lost answer stores nothing twice. @type {Map<string, string>} */
    const keys = new Map()
    const mine = turn
    button.addEventListener('click', async () => {
      if (button.disabled) return
      button.disabled = true
      button.setAttribute('aria-busy', 'true')
      button.textContent = t('imports.importing')
      fill(message)
      const text = note.value.trim()
      const path = `/v1/imports?${new URLSearchParams({ ...asked, ...(text && { note: text }) })}`
      const key = keys.get(path) ?? newKey()
      keys.set(path, key)
      try {
        /** @type {ImportResult} */
        const stored = await upload(path, file.content, { key })
        if (mine === turn && !signal.aborted) draw(takenIn(stored, nameOf, again()))
      } catch (error) {
        if (mine !== turn || signal.aborted) return
        if (error instanceof Problem && (error.status === 422 || error.code === 'month_approved')) {
          refuse(error, file)
          return
        }
        const [title, advice] = explainedRefusal(error)
        fill(message, h('p', null, h('strong', null, title), ' ', advice))
      } finally {
        button.disabled = false
        button.removeAttribute('aria-busy')
        button.textContent = t('imports.import')
      }
    })
    return [
      h(
        'section',
        { class: 'panel import-head' },
        h('h2', { tabIndex: -1, class: 'import-result' }, t('imports.would', { count: exact(result.cells.length) })),
        h('p', null, understoodLine(result)),
        h('p', null, countsText(result)),
      ),
      ...[preview(result, nameOf)].flat(),
      h(
        'div',
        { class: 'entry-bar import-bar' },
        button,
        h('label', { class: 'control' }, h('span', null, `${t('imports.note')} ${t('form.optional')}`), note),
        h('p', { class: 'quiet' }, t('imports.nothing_stored')),
        message,
      ),
    ]
  }

  fill(
    outlet,
    heading(t('imports.title'), { lead: t('imports.lead') }),
    options.target,
    drop.element,
    options.element,
    said,
    outcome,
    mappings,
  )
  let shown = ''
  const showMapping = () => {
    const hub = hubOf(cards, options.query().scorecard)
    if ((hub?.code ?? '') === shown) return
    shown = hub?.code ?? ''
    fill(mappings, hub && savedMapping(hub, signal, () => void look()))
  }
  showMapping()
  options.element.addEventListener('change', showMapping)
}

/** The hub whose words a file uses: that of the scorecard, or the only one. @param {Card[]} cards @param {string | null | undefined} scorecard @returns {Hub | null} */
function hubOf(cards, scorecard) {
  const codes = new Set(cards.map(card => card.hub.code))
  const card = cards.find(card => card.id === scorecard) ?? (codes.size === 1 ? cards[0] : undefined)
  if (!card) return null
  return {
    code: card.hub.code,
    name: hubName(card.hub),
    cards: cards.filter(({ hub }) => hub.code === card.hub.code),
  }
}

/** Where a file is dropped, or chosen with the button. @param {(files: File[]) => void} take @param {AbortSignal} signal */
function dropZone(take, signal) {
  const input = h('input', { type: 'file', accept: KINDS, hidden: true, 'aria-hidden': 'true', tabIndex: -1 })
  const open = () => {
    // The same file, mended meanwhile, is a choice as well.
    input.value = ''
    input.click()
  }
  input.addEventListener('change', () => {
    if (input.files?.length) take([...input.files])
  })
  const button = h(
    'button',
    { type: 'button', class: 'primary', id: 'import-choose', onclick: open },
    t('imports.choose'),
  )
  const name = h('p', { class: 'import-name', hidden: true })
  const fault = h('div', { class: 'message', role: 'alert' })
  const element = h(
    'section',
    { class: 'panel drop', 'aria-labelledby': 'import-drop' },
    h('h2', { id: 'import-drop' }, t('imports.drop')),
    h('p', { class: 'quiet' }, t('imports.drop.hint')),
    name,
    button,
    input,
    fault,
  )
  // Beside the zone, too: a file that misses it must not take the place of the page.
  let over = 0
  const on = (
    /** @type {'dragenter' | 'dragleave' | 'dragover' | 'drop'} */ kind,
    /** @type {(event: DragEvent) => void} */ act,
  ) =>
    document.addEventListener(
      kind,
      event => {
        if (!event.dataTransfer?.types.includes('Files')) return
        event.preventDefault()
        act(event)
        element.classList.toggle('over', over > 0)
      },
      { signal },
    )
  on('dragenter', () => {
    over += 1
  })
  on('dragleave', () => {
    over = Math.max(0, over - 1)
  })
  on('dragover', event => {
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
  })
  on('drop', event => {
    over = 0
    take([...(event.dataTransfer?.files ?? [])])
  })
  return {
    element,
    open,
    has: (/** @type {Chosen | null} */ chosen) => {
      name.hidden = !chosen
      fill(name, chosen && [h('strong', null, chosen.name), ' ', h('span', { class: 'quiet' }, sizeText(chosen.size))])
      button.textContent = t(chosen ? 'imports.choose_other' : 'imports.choose')
      // What comes next is further down.
      button.classList.toggle('primary', !chosen)
      element.classList.toggle('chosen', !!chosen)
    },
    says: (/** @type {string | null} */ text) => fill(fault, text && h('p', null, text)),
  }
}

/** What a sheet may leave open. @param {Card[]} cards @param {URLSearchParams} query @param {() => void} changed */
function choices(cards, query, changed) {
  const auto = /** @type {[string, string]} */ (['', t('imports.auto')])
  const asked = cards.find(card => card.id === query.get('scorecard'))
  const scorecard = choice(
    'scorecard',
    [
      auto,
      ...cards.map(card => /** @type {[string, string]} */ ([card.id, `${hubName(card.hub)} ${named(card.name)}`])),
    ],
    asked?.id ?? '',
  )
  const month = h('input', {
    type: 'month',
    name: 'month',
    max: lastEndedMonth(),
    pattern: '[0-9]{4}-[0-9]{2}',
    placeholder: lastEndedMonth(),
    value: /^\d{4}-\d{2}$/.test(query.get('month') ?? '') ? query.get('month') : '',
  })
  const year = fiscalYearOf(lastEndedMonth())
  const fiscal = choice(
    'fiscal_year',
    [
      auto,
      ...Array.from(
        { length: YEARS_BACK + 1 },
        (_, index) => /** @type {[string, string]} */ ([String(year - index), fiscalYear(year - index)]),
      ),
    ],
    '',
  )
  const sheet = choice('sheet', [auto], '')
  const encoding = choice(
    'encoding',
    [auto, ...ENCODINGS.map(code => /** @type {[string, string]} */ ([code, word('import_encoding', code)]))],
    '',
  )
  const fields = { scorecard, month, fiscal_year: fiscal, sheet, encoding }
  const target = h('p', { class: 'import-target' })
  const say = () => {
    const card = cards.find(card => card.id === scorecard.value)
    fill(target, card && [t('imports.for', { name: named(card.name) }), month.value && ` ${monthLong(month.value)}`])
  }
  say()
  const element = foldable(
    t('imports.options'),
    [
      h('p', { class: 'quiet' }, t('imports.options.lead')),
      h(
        'div',
        { class: 'side-by-side import-options' },
        cards.length > 1 && field(t('imports.options.scorecard'), scorecard),
        field(t('imports.options.month'), month, t('imports.options.month.hint')),
        field(t('imports.options.fiscal_year'), fiscal, t('imports.options.fiscal_year.hint')),
        field(t('imports.options.sheet'), sheet),
        field(t('imports.options.encoding'), encoding, t('imports.options.encoding.hint')),
      ),
    ],
    { name: 'import-options' },
  )
  element.addEventListener('change', () => {
    say()
    changed()
  })
  return {
    element,
    target,
    /** @returns {Record<string, string>} */
    query: () =>
      Object.fromEntries(Object.entries(fields).flatMap(([name, input]) => (input.value ? [[name, input.value]] : []))),
    /** The sheets that a file has. @param {string[]} names */
    sheets: names => {
      const before = sheet.value
      fill(
        sheet,
        [auto, ...names.map(name => [name, name])].map(([value, text]) =>
          h('option', { value, selected: value === before }, text),
        ),
      )
    },
  }
}

/** Links to what was reported. @param {ImportResult} result @param {(scorecard: string) => string} nameOf */
function places(result, nameOf) {
  const months = grouped(result.cells).flatMap(([cell]) =>
    cell ? [{ scorecard: cell.scorecard, month: cell.month }] : [],
  )
  const cards = [
    ...new Set([
      ...months.map(({ scorecard }) => scorecard),
      ...result.reports.flatMap(report => report.scorecard ?? []),
    ]),
  ]
  return h(
    'ul',
    { class: 'import-places' },
    cards.map(id => {
      const own = months.filter(({ scorecard }) => scorecard === id).map(({ month }) => month)
      const last = [...own].sort().at(-1)
      return h(
        'li',
        null,
        h('a', { href: `/scorecards/${id}${last ? `?month=${last}` : ''}` }, nameOf(id)),
        own.map(month => [' ', h('a', { href: `/scorecards/${id}/actuals/${month}` }, monthLong(month))]),
      )
    }),
  )
}

/** @param {ImportResult} result @param {(scorecard: string) => string} nameOf */
function nothingNew(result, nameOf) {
  return [
    h(
      'section',
      { class: 'panel notice notice-good' },
      h('h2', { tabIndex: -1, class: 'import-result' }, t('imports.unchanged')),
      h('p', null, t('imports.unchanged.advice', { count: result.counts.unchanged })),
      h('p', null, understoodLine(result)),
      places(result, nameOf),
    ),
    remarks(t('imports.remarks'), result.issues),
    understood(result.understood),
  ]
}

/** @param {ImportResult} result @param {(scorecard: string) => string} nameOf @param {HTMLElement} again */
function takenIn(result, nameOf, again) {
  return h(
    'section',
    { class: 'panel notice notice-good' },
    h('h2', { tabIndex: -1, class: 'import-result' }, t('imports.done')),
    h('p', null, countsText(result)),
    places(result, nameOf),
    h('div', { class: 'actions' }, again),
  )
}
