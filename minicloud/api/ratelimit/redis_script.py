"""What Redis does for one request, at once: levels.py in Lua, result for result.

KEYS  the hash whose field `version` is that of the limits which count; then the levels
ARGV  one text, since each argument more costs the client: these words with a space between
      "charge", or "look" to count nothing
      the version that the caller goes by, or "-" for whichever
      the time in microseconds, or "-" for Redis' own. Only tests give one: levels written then do
      not expire, for their time is not Redis'
      then for each level: value, and unit in seconds

Answers {-1} when the limits have changed, else {1 or 0: whether it is allowed, debt, debt, ...}.

A level is the text "debt at value unit". All numbers are whole and below 2**53, and no quotient is
taken but of such, so that doubles hold them exactly. (What a long time pays back may be more: then
it is more than any debt, and how much more does not matter.) Levels expire when they have drained.

A level of the future (the clock of Redis' machine was set back) counts as of now. What is off, by
its time or by a limit that has been changed, is written anew by a refused call too: else it would
not drain, or drain by the old limit.
"""

from typing import Final

SCRIPT: Final = """
local SECOND, EXACT = 1000000, 9007199254740992

local words = {}
for word in string.gmatch(ARGV[1], '%S+') do words[#words + 1] = word end
local what, version, given = words[1], words[2], words[3]

if version ~= '-' and (redis.call('HGET', KEYS[1], 'version') or '0') ~= version then
    return {-1}
end

local now
if given == '-' then
    local time = redis.call('TIME')
    now = time[1] * SECOND + time[2]
else
    now = tonumber(given)
end

local function times(debt, by, of)
    local whole = math.floor(debt / of)
    local rest = debt - whole * of
    return whole * by + math.floor((rest * by + of - 1) / of)
end

local function left(text, value, unit)
    local debt, at, old_value, old_unit = string.match(text, '^(%d+) (%d+) (%d+) (%d+)$')
    if not debt then return 0, false end
    debt, at = tonumber(debt), tonumber(at)
    old_value, old_unit = tonumber(old_value), tonumber(old_unit)
    local passed = now - at
    if passed > 0 then debt = debt - passed * old_value end
    if debt <= 0 then return 0, passed < 0 end
    if old_value ~= value or old_unit ~= unit then
        if value * old_unit * SECOND < EXACT then
            debt = times(times(debt, value, old_value), unit, old_unit)
        else
            debt = times(times(debt, unit, old_unit), value, old_value)
        end
        return debt, true
    end
    return debt, passed < 0
end

local function keep(key, debt, value, unit)
    local text = string.format('%.0f %.0f %.0f %.0f', debt, now, value, unit)
    if given ~= '-' then
        redis.call('SET', key, text)
    else
        redis.call('SET', key, text, 'PX', math.floor(debt / (value * 1000)) + 2)
    end
end

local answer, off = {1}, {}
for i = 2, #KEYS do
    local value, unit = tonumber(words[2 * i]), tonumber(words[2 * i + 1])
    local text, debt = redis.call('GET', KEYS[i]), 0
    if text then debt, off[i] = left(text, value, unit) end
    if debt + unit * SECOND > unit * SECOND * value then answer[1] = 0 end
    answer[i] = debt
end
if what == 'look' then return answer end

for i = 2, #KEYS do
    local value, unit = tonumber(words[2 * i]), tonumber(words[2 * i + 1])
    if answer[1] == 1 then answer[i] = answer[i] + unit * SECOND end
    if answer[1] == 1 or off[i] then keep(KEYS[i], answer[i], value, unit) end
end
return answer
"""
