// Public pages as those who make them see them: what is released, by which link, until when.

import { get, getAll, Problem, write } from '../api.js'
import { hubName } from '../charts/heat_map.js'
import { fill, h } from '../dom.js'
import { day, dayFromToday } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { emptyState, explained, live, steady } from '../live.js'
import { choice, dialog, field, form, heading, table, toast } from '../parts.js'
import { me } from '../session.js'
import { shape } from '../status.js'
import { publicPage, textOf } from './public.js'

/**
 * @typedef {Schema<'Release'>} Release
 * @typedef {Schema<'PreviewedRelease'>} PreviewedRelease
 * @typedef {Schema<'NewRelease'>} NewRelease
 * @typedef {Schema<'OverviewScorecard'>} Card
 * @typedef {() => Promise<void>} Done
 */

const INTRODUCTION_CHARS_MAX = 4000

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  context.setTitle(t('releases.title'))
  const load = steady(() => /** @type {Promise<Release[]>} */ (getAll('/v1/releases', signal)))
  const refresh = await live(context, load, list => {
    const done = () => refresh()
    fill(
      outlet,
      heading(t('releases.title'), {
        lead: t('releases.lead'),
        actions: h('button', { type: 'button', class: 'primary', onclick: () => edit(null, done) }, t('releases.add')),
      }),
      list.length === 0 ? emptyState(t('releases.empty')) : listTable(list.toReversed(), done),
    )
  })
}

/** @param {Release[]} list @param {Done} done */
function listTable(list, done) {
  const isNational = me()?.role === 'national'
  return table(
    t('releases.title'),
    [
      t('releases.name'),
      t('releases.state'),
      t('releases.what'),
      t('releases.expires'),
      t('releases.made'),
      t('releases.actions'),
    ],
    list.map(release => [
      [textOf(release.title), isNational && h('span', { class: 'quiet block' }, release.prefecture)],
      stateMark(release.state),
      contents(release),
      release.expires_at ? lastDay(release.expires_at) : t('releases.expires.never'),
      [day(release.created_at), h('span', { class: 'quiet block' }, release.created_by)],
      h('div', { class: 'actions' }, actions(release, done)),
    ]),
  )
}

/** @param {string} state */
const stateMark = state =>
  state === 'active'
    ? h('span', { class: 'status tone-good' }, shape('on_track'), t('releases.state.active'))
    : h('span', { class: 'status tone-idle' }, shape('untargeted'), word('releases.state', state))

/** What a page shows, in words. @param {Release} release */
const contents = release => [
  word('releases.detail', release.detail),
  h(
    'span',
    { class: 'quiet block' },
    [
      release.scorecards
        ? t('releases.scorecards.count', { count: release.scorecards.length })
        : t('releases.scorecards.all'),
      t(release.approved_only ? 'releases.months.approved' : 'releases.months.reported'),
      `${t('releases.hub_names')} ${t(release.hub_names ? 'releases.hub_names.show' : 'releases.hub_names.hide')}`,
    ].join(' / '),
  ),
]

/** @param {Release} release @param {Done} done */
function actions(release, done) {
  const name = textOf(release.title)
  /** @param {import('../i18n.js').WordKey} key @param {() => void} onclick @param {string} [className] */
  const button = (key, onclick, className = 'plain small') =>
    h(
      'button',
      {
        type: 'button',
        class: className,
        'aria-label': `${t(key)} ${name}`,
        'data-focus': `${key} ${release.id}`,
        onclick,
      },
      t(key),
    )
  const isOver = release.state === 'revoked'
  return [
    button('releases.preview', () => void preview(release)),
    !isOver && button('releases.change', () => edit(release, done)),
    !isOver && button('releases.rotate', () => rotate(release, done)),
    !isOver && button('releases.revoke', () => revoke(release, done)),
  ]
}

/** What a page shows now. @param {Release} release */
async function preview(release) {
  /** @type {PreviewedRelease} */
  const known = await get(`/v1/releases/${release.id}`)
  dialog(t('releases.preview.of', { name: textOf(release.title) }), () => previewPanel(known.preview)).classList.add(
    'wide',
  )
}

/** @param {Schema<'PublicPage'>} page */
const previewPanel = page =>
  h('section', { class: 'preview' }, h('p', { class: 'notice' }, t('releases.preview.note')), publicPage(page))

/** Makes a page, or changes one. @param {Release | null} release @param {Done} done */
function edit(release, done) {
  const caller = me()
  const prefecture = release?.prefecture ?? caller?.scope.prefecture ?? null
  const scorecards = scorecardChoice(release?.scorecards ?? null)
  const shown = h('div', { 'aria-live': 'polite' })
  const place = prefecture === null ? prefectureChoice(code => scorecards.load(code)) : null
  if (prefecture) void scorecards.load(prefecture)
  const title = t(release ? 'releases.change.title' : 'releases.add')
  const element = dialog(title, close => {
    const fields = form(
      [
        place && field(t('releases.prefecture'), place),
        textFields(release),
        scorecards.element,
        choices(release),
      ].flat(),
      t(release ? 'releases.save' : 'releases.add'),
      async values => {
        const body = bodyOf(values, scorecards.chosen())
        if (release) {
          await write('PATCH', `/v1/releases/${release.id}`, body)
          close()
          toast(t('releases.saved'))
        } else {
          /** @type {NewRelease} */
          const made = await write('POST', '/v1/releases', body)
          close()
          showLink(made.link)
        }
        await done()
      },
      [
        h(
          'button',
          { type: 'button', onclick: () => void tried(fields, release, scorecards.chosen(), shown) },
          t('releases.preview'),
        ),
        h('button', { type: 'button', onclick: close }, t('action.cancel')),
      ],
    )
    return [fields, shown]
  })
  element.classList.add('wide')
}

/** Shows what would become public: everything is done, nothing is stored. @param {HTMLFormElement} fields @param {Release | null} release @param {string[] | null} chosen @param {HTMLElement} shown */
async function tried(fields, release, chosen, shown) {
  const values = Object.fromEntries([...new FormData(fields)].map(([name, value]) => [name, String(value).trim()]))
  // A title is nothing that a preview has to wait for.
  const body = bodyOf({ ...values, 'title/ja': values['title/ja'] || t('releases.name') }, chosen)
  try {
    /** @type {PreviewedRelease} */
    const answer = release
      ? await write('PATCH', `/v1/releases/${release.id}?dry_run=true`, body)
      : await write('POST', '/v1/releases?dry_run=true', body)
    fill(shown, previewPanel(answer.preview))
    shown.scrollIntoView({ block: 'start' })
  } catch (error) {
    const [title, advice] = explained(error)
    const issues = error instanceof Problem ? error.issues : []
    fill(
      shown,
      h(
        'div',
        { class: 'notice', role: 'alert' },
        h('p', null, h('strong', null, title), ' ', advice),
        issues.map(issue => h('p', null, issue.message[language()])),
      ),
    )
  }
}

/** @param {Release | null} release */
function textFields(release) {
  /** @param {string} name @param {string | null | undefined} value @param {boolean} [required] */
  const line = (name, value, required = false) =>
    h('input', { type: 'text', name, value: value ?? '', required, maxLength: 200 })
  /** @param {string} name @param {string | null | undefined} value */
  const note = (name, value) => h('textarea', { name, value: value ?? '', rows: 3, maxLength: INTRODUCTION_CHARS_MAX })
  return [
    field(t('releases.name'), line('title/ja', release?.title.ja, true)),
    field(t('releases.name_en'), line('title/en', release?.title.en), t('releases.name_en.hint')),
    field(
      t('releases.introduction'),
      note('introduction/ja', release?.introduction?.ja),
      t('releases.introduction.hint'),
    ),
    field(t('releases.introduction_en'), note('introduction/en', release?.introduction?.en)),
  ]
}

/** @param {Release | null} release */
function choices(release) {
  /** @param {string} name @param {[string, import('../i18n.js').WordKey][]} options @param {string} value */
  const select = (name, options, value) =>
    choice(
      name,
      options.map(([option, key]) => [option, t(key)]),
      value,
    )
  return [
    field(
      t('releases.detail'),
      select(
        'detail',
        [
          ['stages', 'releases.detail.stages'],
          ['items', 'releases.detail.items'],
        ],
        release?.detail ?? 'stages',
      ),
    ),
    field(
      t('releases.months'),
      select(
        'approved_only',
        [
          ['true', 'releases.months.approved'],
          ['false', 'releases.months.reported'],
        ],
        String(release?.approved_only ?? true),
      ),
    ),
    field(
      t('releases.hub_names'),
      select(
        'hub_names',
        [
          ['false', 'releases.hub_names.hide'],
          ['true', 'releases.hub_names.show'],
        ],
        String(release?.hub_names ?? false),
      ),
    ),
    field(
      t('releases.expires'),
      h('input', {
        type: 'date',
        name: 'expires_at',
        min: dayFromToday(0),
        value: release?.expires_at ? dayInJapan(release.expires_at) : '',
      }),
      t('releases.expires.hint'),
    ),
  ]
}

/** The day in Japan on which a page ends. @param {string} instant */
const dayInJapan = instant => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date(instant))

/** @param {string} instant */
const lastDay = instant => day(dayInJapan(instant))

/** The prefectures for the nation. @param {(code: string) => void} chosen */
function prefectureChoice(chosen) {
  const select = choice('prefecture', [], '', chosen)
  void getAll('/v1/prefectures').then((/** @type {Schema<'Prefecture'>[]} */ list) => {
    fill(
      select,
      list.map(({ code, name }) => h('option', { value: code }, `${code} ${named(name)}`)),
    )
    chosen(select.value)
  })
  return select
}

/** All scorecards of a prefecture, or some. @param {string[] | null} before */
function scorecardChoice(before) {
  const boxes = h('ul', { class: 'checks', hidden: before === null })
  const which = choice(
    'which',
    [
      ['all', t('releases.scorecards.all')],
      ['some', t('releases.scorecards.some')],
    ],
    before ? 'some' : 'all',
    value => {
      boxes.hidden = value === 'all'
    },
  )
  /** @param {string} prefecture */
  const load = async prefecture => {
    /** @type {Schema<'Overview'>} */
    const { scorecards } = await get(`/v1/overview?prefecture=${prefecture}`)
    fill(
      boxes,
      scorecards.map(card =>
        h(
          'li',
          null,
          h(
            'label',
            null,
            h('input', { type: 'checkbox', value: card.id, checked: before?.includes(card.id) ?? false }),
            ` ${named(card.name)} `,
            h('span', { class: 'quiet' }, hubName(card.hub)),
          ),
        ),
      ),
    )
  }
  const chosen = () =>
    which.value === 'all' ? null : [...boxes.querySelectorAll('input')].filter(box => box.checked).map(box => box.value)
  const element = h('div', { class: 'choice-group' }, field(t('releases.scorecards'), which), boxes)
  return { element, load, chosen }
}

/** The body of a page from its form. @param {Record<string, string>} values @param {string[] | null} scorecards */
function bodyOf(values, scorecards) {
  /** @param {string} name */
  const text = name => {
    const [ja, en] = [values[`${name}/ja`], values[`${name}/en`]]
    return ja || en ? { ...(ja && { ja }), ...(en && { en }) } : null
  }
  return {
    ...(values.prefecture && { prefecture: values.prefecture }),
    title: text('title'),
    introduction: text('introduction'),
    scorecards,
    detail: values.detail,
    approved_only: values.approved_only === 'true',
    hub_names: values.hub_names === 'true',
    expires_at: values.expires_at ? `${values.expires_at}T23:59:59+09:00` : null,
  }
}

/** A link that is never shown again. @param {string} link */
function showLink(link) {
  // Where the service does not know its address, this page does.
  const address = new URL(link, location.origin).href
  const copy = () => navigator.clipboard.writeText(address).then(() => toast(t('secret.copied')))
  dialog(t('releases.link.title'), close => [
    h('p', null, t('releases.link.once')),
    h('p', null, h('code', { class: 'secret', tabIndex: 0 }, address)),
    h(
      'div',
      { class: 'actions' },
      // Browsers have no clipboard for pages that come without encryption.
      navigator.clipboard && h('button', { type: 'button', class: 'primary', onclick: copy }, t('secret.copy')),
      h('a', { class: 'button', href: address, target: '_blank', rel: 'noopener' }, t('releases.link.open')),
      h('button', { type: 'button', onclick: close }, t('action.close')),
    ),
  ])
}

/** @param {Release} release @param {Done} done */
function rotate(release, done) {
  confirm('rotate', release, async close => {
    /** @type {NewRelease} */
    const made = await write('POST', `/v1/releases/${release.id}/rotate-link`)
    close()
    showLink(made.link)
    await done()
  })
}

/** @param {Release} release @param {Done} done */
function revoke(release, done) {
  confirm('revoke', release, async close => {
    await write('DELETE', `/v1/releases/${release.id}`)
    close()
    toast(t('releases.revoked'))
    await done()
  })
}

/** Asks before something that others will notice. @param {'rotate' | 'revoke'} act @param {Release} release @param {(close: () => void) => Promise<void>} go */
function confirm(act, release, go) {
  dialog(t(`releases.${act}.title`, { name: textOf(release.title) }), close => {
    const cancel = h('button', { type: 'button', onclick: close }, t('action.cancel'))
    const asked = form([h('p', null, t(`releases.${act}.advice`))], t(`releases.${act}`), () => go(close), cancel)
    if (act === 'revoke') asked.querySelector('[type=submit]')?.classList.replace('primary', 'danger')
    return asked
  })
}
