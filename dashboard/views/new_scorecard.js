// A new scorecard from a template: for which hub, from when, and the figures that the template
// leaves to each hub.

import { get, getAll, Problem, write } from '../api.js'
import { hubName } from '../charts/heat_map.js'
import { fill, h } from '../dom.js'
import { normalised } from '../entry.js'
import { fiscalYear, fiscalYearOf, lastEndedMonth, money, monthShort, unitOf } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { errorState, live, steady } from '../live.js'
import { choice, field, foldable, form, heading } from '../parts.js'
import { me } from '../session.js'

/**
 * @typedef {Schema<'Hub'>} Hub
 * @typedef {Schema<'List_Definition'>['items'][number]} Template
 * @typedef {Schema<'Parameter'>} Parameter
 */

/** A programme begins in April, unless another month is chosen. */
const START = 4
const YEARS_BACK = 3
const YEARS_AHEAD = 2
const NAME_CHARS_MAX = 200

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  context.setTitle(t('scorecards.new'))
  if (!['national', 'prefecture'].includes(me()?.role ?? '')) {
    fill(outlet, errorState(new Problem(403, null)))
    return
  }
  const load = steady(
    () =>
      /** @type {Promise<[Hub[], {items: Template[]}]>} */ (
        Promise.all([getAll('/v1/hubs', signal), get('/v1/templates', signal)])
      ),
  )
  let isDrawn = false
  await live(context, load, ([hubs, { items: templates }]) => {
    // Once drawn, what has been typed stays.
    if (isDrawn) return
    isDrawn = true
    fill(
      outlet,
      heading(t('scorecards.new'), {
        trail: [h('a', { href: '/hubs' }, t('hubs.title'))],
        lead: t('scorecards.new.lead'),
      }),
      hubs.length === 0 ? h('p', { class: 'state' }, t('hubs.empty')) : page(outlet, hubs, templates, query.get('hub')),
    )
  })
}

/** @param {HTMLElement} outlet @param {Hub[]} hubs @param {Template[]} templates @param {string | null} asked */
function page(outlet, hubs, templates, asked) {
  const first = hubs.find(hub => hub.code === asked) ?? hubs[0]
  const parameters = h('div', { class: 'stack' })
  const about = h('div', { class: 'stack' })
  const hub = choice(
    'hub',
    hubs.map(hub => [
      hub.code,
      `${named(hub.prefecture.name)} ${hubName(hub).replace(named(hub.prefecture.name), '')}`,
    ]),
    first?.code ?? '',
    () => offer(),
  )
  const template = h('select', { name: 'template', onchange: () => explain() })
  const chosen = () => templates.find(({ key }) => key === template.value)
  const explain = () => {
    const found = chosen()
    fill(parameters, found ? parameterFields(found) : null)
    fill(about, found ? contents(found) : null)
  }
  // Those for the market of the hub's prefecture first.
  const offer = () => {
    const market = hubs.find(({ code }) => code === hub.value)?.market_type
    const before = template.value
    const group = (/** @type {boolean} */ fits) =>
      h(
        'optgroup',
        {
          label: t(fits ? 'scorecards.templates.fit' : 'scorecards.templates.other', {
            market: word('market_type', market),
          }),
        },
        templates
          .filter(one => (one.market_type === market) === fits)
          .map(one => h('option', { value: one.key, selected: one.key === before }, named(one.name))),
      )
    fill(template, group(true), group(false))
    explain()
  }
  offer()
  return form(
    [
      h(
        'section',
        { class: 'panel narrow' },
        h('h2', null, t('scorecards.new.what')),
        field(t('role.hub'), hub),
        field(t('overview.template'), template),
        about,
        h('div', { class: 'side-by-side' }, startFields()),
      ),
      h('section', { class: 'panel narrow' }, h('h2', null, t('scorecards.parameters')), parameters),
      foldable(
        t('scorecards.name_and_key'),
        [
          h('p', { class: 'quiet' }, t('scorecards.name_and_key.hint')),
          field(t('organisations.name.ja'), h('input', { type: 'text', name: 'name/ja', maxLength: NAME_CHARS_MAX })),
          field(t('organisations.name.en'), h('input', { type: 'text', name: 'name/en', maxLength: NAME_CHARS_MAX })),
          field(
            t('scorecards.key'),
            h('input', { type: 'text', name: 'key', spellcheck: false, autocomplete: 'off' }),
            t('scorecards.key.hint'),
          ),
        ],
        { name: 'name-and-key', className: 'narrow' },
      ),
    ],
    t('scorecards.create'),
    async values => {
      const made = await write('POST', '/v1/scorecards', bodyOf(values, chosen()?.parameters ?? []))
      done(outlet, /** @type {Schema<'EvaluatedScorecard'>} */ (made))
    },
    h('a', { class: 'button', href: '/hubs' }, t('action.cancel')),
  )
}

/** The fiscal year, and the month where it is not April. */
function startFields() {
  const year = fiscalYearOf(lastEndedMonth())
  const years = Array.from({ length: YEARS_BACK + YEARS_AHEAD + 1 }, (_, index) => year - YEARS_BACK + index)
  return [
    field(
      t('scorecards.start_year'),
      choice(
        'start_year',
        years.map(year => [String(year), fiscalYear(year)]),
        String(year),
      ),
    ),
    field(
      t('scorecards.start_month'),
      choice(
        'start',
        Array.from({ length: 12 }, (_, index) => {
          const month = ((index + START - 1) % 12) + 1
          return /** @type {[string, string]} */ ([
            String(month).padStart(2, '0'),
            monthShort(`2000-${String(month).padStart(2, '0')}`),
          ])
        }),
        String(START).padStart(2, '0'),
      ),
      t('scorecards.start_month.hint'),
    ),
  ]
}

/** A figure a parameter, with what it means in large units. @param {Template} template */
function parameterFields({ parameters }) {
  if (parameters.length === 0) return h('p', { class: 'quiet' }, t('scorecards.parameters.none'))
  return [
    h('p', { class: 'quiet' }, t('scorecards.parameters.hint')),
    ...parameters.map(parameter => {
      const echo = h('output', { class: 'quiet' })
      const input = h('input', {
        type: 'text',
        inputMode: 'decimal',
        autocomplete: 'off',
        name: `parameters/${parameter.key}`,
        value: parameter.default === null || parameter.default === undefined ? '' : String(parameter.default),
        oninput: () => {
          const value = Number(normalised(input.value))
          const isShown = parameter.unit === 'JPY' && input.value !== '' && Number.isFinite(value)
          echo.textContent = isShown ? `= ${money(value)}` : ''
        },
      })
      return h(
        'div',
        { class: 'parameter' },
        field(`${named(parameter.name)}（${unitOf(parameter.unit)}）`, input),
        echo,
      )
    }),
  ]
}

/** What the template asks for, step by step. @param {Template} template */
function contents(template) {
  return h(
    'details',
    { class: 'figures' },
    h('summary', null, t('scorecards.contents', { count: template.items.length })),
    h(
      'dl',
      { class: 'contents' },
      template.stages.map(stage =>
        h(
          'div',
          null,
          h('dt', null, h('span', { class: 'quiet' }, word('perspective', stage.perspective)), ' ', named(stage.name)),
          template.items
            .filter(item => item.stage === stage.stage)
            .map(item =>
              h(
                'dd',
                null,
                named(item.name),
                ' ',
                item.high_hurdle && h('span', { class: 'chip chip-hurdle' }, t('map.hurdle')),
              ),
            ),
        ),
      ),
    ),
  )
}

/** @param {Record<string, string>} values @param {Parameter[]} parameters */
function bodyOf(values, parameters) {
  /** @type {Record<string, unknown>} */
  const given = {}
  for (const { key, default: usual } of parameters) {
    const text = normalised(values[`parameters/${key}`] ?? '')
    // What is no number goes as it is, and the service says so at its field.
    const value = text === '' ? null : Number.isFinite(Number(text)) ? Number(text) : text
    if (value !== (usual ?? null)) given[key] = value
  }
  const calendarYear = Number(values.start_year) + (Number(values.start) < START ? 1 : 0)
  const hasName = values['name/ja'] || values['name/en']
  return {
    hub: values.hub,
    template: values.template,
    start_month: `${calendarYear}-${values.start}`,
    parameters: given,
    ...(values.key && { key: values.key }),
    ...(hasName && {
      name: { ja: values['name/ja'] || values['name/en'], en: values['name/en'] || values['name/ja'] },
    }),
  }
}

/** Says what was made, and what its plan still lacks. @param {HTMLElement} outlet @param {Schema<'EvaluatedScorecard'>} card */
function done(outlet, card) {
  const issues = card.issues ?? []
  fill(
    outlet,
    heading(t('scorecards.created', { name: named(card.name) }), {
      lead: `${named(card.prefecture.name)} ${named(card.hub.name)}`,
    }),
    issues.length > 0 &&
      h(
        'section',
        { class: 'panel' },
        h('h2', null, t('scorecards.issues')),
        h(
          'ul',
          { class: 'outcomes' },
          issues.map(issue => h('li', null, issue.message[language()])),
        ),
      ),
    h(
      'div',
      { class: 'actions' },
      h('a', { class: 'button primary', href: `/scorecards/${card.id}` }, t('scorecards.open')),
      h('a', { class: 'button', href: '/hubs' }, t('hubs.title')),
    ),
  )
  outlet.focus()
  window.scrollTo(0, 0)
}
