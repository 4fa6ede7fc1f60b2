"""The look of the product and the widgets that every screen is made of. Qt only; knows nothing of the business.

Without Qt (a presenter may import them):
  tokens      `Tone`, `Style`, `Colours` (LIGHT, DARK), `Space`, `Radius`, `Height`, `Width`
  words       `Span`, `Words`, `strong`, `data`, `quiet`, `link`, `plain`: text with emphasis, instead of rich text
  keycaps     `key_of(action_id)`: in the place of a letter, so that a cap shows the key that is bound
  (domain)    `console.domain.display`: `visible`, `one_line`, `clip` for hostile text
With Qt:
  theme       `Theme(app, Mode.SYSTEM)`: applies all of it, `set_mode`, `changed`, `bind_icon` for actions
  current     `colours()`: the colours in force, to be asked when painting
  fonts       `font(style)`, `metrics(style)`, `text_width`
  icons       `draw_icon`, `icon`, `image`, `names()`: Lucide by name, tinted
  paint       `draw_text`, `draw_text_right`, `draw_box`, `draw_dashed_box`, `draw_line`, `draw_key`, `elided`, `tip`
  layout      `lay_out(...)` -> `Laid.draw`: words in lines, kept
  panes       `Pane(ground, edges)`, `Card`, `Divider`, `Scroll`, `row()`, `column()`
  text        `Text(words, style, tone, max_lines=1 elided | 0 wraps)`, `.set_words`, `.keep_whole()`, `activated(link)`
  sections    `Section` (label column), `Block` (headed, context pane), `Fact`, `IconLine`, `TimeLine`
  buttons     `Button(text, icon, key, Kind.PRIMARY…, is_small, has_menu)`: `.set_blocked(reason)`, `.set_armed`
  fields      `Field(name, prefix, placeholder, key, is_data)`: `.set_trailing`, `.set_problem`; `SearchField`
  tabs        `Tabs(TabSpec…)`: `chosen(id)`; `RailItem`
  pills       `Pill`, `Chip`, `draw_pill`; marks: `KeyCap`, `Avatar`, `IconMark`; gauges: `Ring`, `Track`, `ShareBar`
  notes       `Note` (soft fill, link), `Strip` ("3 new"), `EmptyState`, `StatusItem`
  arguments   `ArgumentGrid(Argument…)`: wraps, `.cut()`, `opened(name)`
  tables      `Table(Column…)`, `ChangeTable(Change…)`: few rows, painted, wrapping
  datatext    `DataText`: selectable data text, bounded, "Show more"
  rowmodel    `RowModel(key, words, is_choosable)`: frozen rows by id, `apply(rows)` sends the difference
  rowtable    `RowTable(model, paint, height, name, usual_height)`: `apply`, `set_current`, `step`, `current_changed`,
              `opened`, `pressed_at`; steady while rows change; `is_lazy` where heights cost a layout
  rowdata     (without Qt) `InboxRow`, `HeadingRow`, `HandledRow`, `RowMark`
  rowpaint    `draw_inbox_row`, `draw_heading_row`, `draw_handled_row`, `action_rect`
  form        `Form(read_schema(schema), current)`: `value()`, `problems()`, `is_valid()`, `changes()`, `edited`;
              pass `editors.UNSET` as current for an answer that is to be given
  focus       `Ringed`: the focus ring for a widget that paints itself
"""
