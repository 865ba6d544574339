-- What every print does with a letter's Markdown before pandoc writes it.

-- Raw HTML is never markup here: a customer called <x> is written <x>.
function RawInline(element)
  return Str(pandoc.Str(element.text))
end

function RawBlock(element)
  return pandoc.Para({ Str(pandoc.Str(element.text)) })
end

-- Typst's own term lists cannot be laid out in two columns and stay readable aloud, so they become calls of `answers`.
function answers(list)
  local blocks = { pandoc.RawBlock("typst", "#answers(") }
  for _, entry in ipairs(list.content) do
    table.insert(blocks, pandoc.RawBlock("typst", "["))
    table.insert(blocks, pandoc.Plain(entry[1]))
    table.insert(blocks, pandoc.RawBlock("typst", "], ["))
    for _, definition in ipairs(entry[2]) do
      for _, block in ipairs(definition) do
        table.insert(blocks, block)
      end
    end
    table.insert(blocks, pandoc.RawBlock("typst", "],"))
  end
  table.insert(blocks, pandoc.RawBlock("typst", ")"))
  return blocks
end

-- Typst turns "...", "-?", "-1" and its like into other signs. Words with anything but letters go in as they are.
function Str(element)
  if FORMAT ~= "typst" or element.text:match("^[%a\128-\255]+[,.]?$") then
    return element
  end
  local literal = element.text:gsub('[\\"]', "\\%0")
  return pandoc.RawInline("typst", '#"' .. literal .. '";')
end

-- An answer of several paragraphs or steps keeps the space between them.
function DefinitionList(list)
  for _, entry in ipairs(list.content) do
    for place, definition in ipairs(entry[2]) do
      for number, block in ipairs(definition) do
        if #definition > 1 and block.t == "Plain" then
          definition[number] = pandoc.Para(block.content)
        end
      end
      entry[2][place] = definition
    end
  end
  return FORMAT == "typst" and answers(list) or list
end

local STYLE = {
  exercise = "Exercise", sender = "Sender", recipient = "Recipient", date = "Letter Date",
  closing = "Closing", invented = "Invented",
}

function named_sender(element)
  return pandoc.Span(element.content, { ["custom-style"] = "Sender Name" })
end

function Div(element)
  local part = element.classes[1]
  if not STYLE[part] then
    return element
  end
  if FORMAT == "docx" then
    element.attributes["custom-style"] = STYLE[part]
    return part == "sender" and element:walk({ Strong = named_sender }) or element
  end
  if FORMAT == "typst" then
    local blocks = { pandoc.RawBlock("typst", "#" .. part .. "[") }
    for _, block in ipairs(element.content) do
      table.insert(blocks, block)
    end
    table.insert(blocks, pandoc.RawBlock("typst", "]"))
    return blocks
  end
  return element
end

function is_raw(block, text)
  return block ~= nil and block.t == "RawBlock" and block.text == text
end

-- Where the last question of the answers that end at `last` begins; nil where an answer holds answers of its own.
function last_question(blocks, last)
  for place = last - 1, 1, -1 do
    if is_raw(blocks[place], "[") then
      return place
    end
    if is_raw(blocks[place], ")") then
      return nil
    end
  end
end

-- A list that no page is too short for.
function is_short_list(block)
  return block.t == "BulletList" and #block.content <= 8
end

-- "What we will do next:" at the foot of a page promises what is not there.
function announces(block, following)
  local last = block.t == "Para" and block.content[#block.content]
  return last and last.text and last.text:match(':";$') and (following.t == "BulletList" or following.t == "OrderedList")
end

-- A signature alone on the last page looks torn off, so what stands before it goes with it: a paragraph, a short list,
-- or the last question with its answer.
function Blocks(blocks)
  if FORMAT == "typst" then
    for place = #blocks - 1, 1, -1 do
      if announces(blocks[place], blocks[place + 1]) then
        blocks:insert(place + 1, pandoc.RawBlock("typst", "]"))
        blocks:insert(place, pandoc.RawBlock("typst", "#kept["))
      end
    end
  end
  for place = #blocks, 2, -1 do
    if is_raw(blocks[place], "#closing[") then
      local question = is_raw(blocks[place - 1], ")") and last_question(blocks, place - 1)
      local alone = blocks[place - 1].t == "Para" or is_short_list(blocks[place - 1])
      if alone or question then
        blocks:insert(place, pandoc.RawBlock("typst", "]"))
      end
      if question and is_raw(blocks[question - 1], "#answers(") then
        blocks:insert(question - 1, pandoc.RawBlock("typst", "#kept["))
      elseif question then
        for _, text in ipairs({ "#answers(", "#kept[", ")" }) do
          blocks:insert(question, pandoc.RawBlock("typst", text))
        end
      elseif alone then
        blocks:insert(place - 1, pandoc.RawBlock("typst", "#kept["))
      end
    end
  end
  return blocks
end

-- In plain text a heading is known by the line under it.
function Header(element)
  if FORMAT ~= "plain" then
    return element
  end
  local words = pandoc.utils.stringify(element)
  local line = string.rep(element.level == 1 and "=" or "-", math.min(utf8.len(words), 72))
  return { pandoc.RawBlock("plain", "\n" .. words .. "\n" .. line .. "\n") }
end

-- Plain text has no weight, and marks of its own would only look like typing errors.
function Strong(element)
  if FORMAT == "plain" then
    return element.content
  end
  return element
end
