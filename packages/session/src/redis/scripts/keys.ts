// A key belongs to a session in one slot and to an index in another one, so that holding it takes several steps: see ../key-ledger.ts.
// What a session notes of a key: 'p' and a nonce while it tries, 'h', the nonce, the order, the epoch and the value while it holds it.
import { script, type Script } from "./script.ts";

const fence = `
local row = redis.call('HMGET', KEYS[1], 'why', 'received', 'epoch', 'sent')
local over = gone(row[1], row[2])
if over then return over end
if tonumber(row[3]) ~= tonumber(ARGV[2]) then over = {'fenced', tonumber(row[3])} end
local note = redis.call('HGET', KEYS[2], ARGV[3])
`;

/** KEYS session keys news · ARGV id, epoch, key, value, nonce, most keys. Holding it already it changes the value; otherwise it notes that it tries. */
export const intend: Script = script("hold", `${fence}
if over then return over end
if note and string.sub(note, 1, 1) == 'h' then
  local nonce, order, since = string.match(note, '^h(%S+) (%S+) (%S+) ')
  redis.call('HSET', KEYS[2], ARGV[3], 'h' .. nonce .. ' ' .. order .. ' ' .. since .. ' ' .. ARGV[4])
  tell(KEYS[3], 'key', ARGV[3], order, ARGV[1], since, ARGV[4])
  return {'held', tonumber(since)}
end
if not note and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[6]) then return {'full'} end
redis.call('HSET', KEYS[2], ARGV[3], 'p' .. ARGV[5])
return {'tries'}
`);

/** KEYS index order book · ARGV key, whom the index may name ('' for nobody), whom it shall name → an order that is higher than all before, or who is named. */
export const point: Script = script("point", `
local named = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if named ~= ARGV[2] then return {'named', named} end
local order = math.max((redis.call('HGET', KEYS[3], 'order') or 0) + 1, now() * 1000)
redis.call('HSET', KEYS[3], 'order', exact(order))
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return {'pointed', exact(order)}
`);

/** KEYS session keys · ARGV key, nonce, '1' to end an attempt → since when it is held and its value, or that an attempt goes on, or that nobody is there. */
export const probe: Script = script("probe", `
local note = redis.call('HGET', KEYS[2], ARGV[1])
if not note then return {'free'} end
if note == 'p' .. ARGV[2] then
  if ARGV[3] ~= '1' then return {'tries'} end
  redis.call('HDEL', KEYS[2], ARGV[1])
  return {'free'}
end
local nonce, order, since, value = string.match(note, '^h(%S+) (%S+) (%S+) (.*)$')
if nonce ~= ARGV[2] then return {'free'} end
return {'held', tonumber(since), value}
`, { frees: true });

/** KEYS session keys news · ARGV id, epoch, key, value, nonce, order. The attempt succeeds, unless somebody ended it. */
export const confirm: Script = script("confirm", `${fence}
local mine = note == 'p' .. ARGV[5]
if mine and over then redis.call('HDEL', KEYS[2], ARGV[3]) end
if over then return over end
if not mine then return {'again'} end
redis.call('HSET', KEYS[2], ARGV[3], 'h' .. ARGV[5] .. ' ' .. ARGV[6] .. ' ' .. exact(row[3]) .. ' ' .. ARGV[4])
tell(KEYS[3], 'key', ARGV[3], ARGV[6], ARGV[1], exact(row[3]), ARGV[4])
return {'held', tonumber(row[3])}
`);

/** KEYS session keys · ARGV id, epoch, key, nonce. The attempt has failed. */
export const desist: Script = script("desist", `${fence}
if note == 'p' .. ARGV[4] then redis.call('HDEL', KEYS[2], ARGV[3]) end
return over or {'committed', tonumber(row[4])}
`, { frees: true });

/** KEYS session keys news · ARGV id, epoch, key → the last message's number, and the nonce under which the key was held. */
export const release: Script = script("release", `${fence}
if over then return over end
local answer = {'committed', tonumber(row[4])}
if note then
  redis.call('HDEL', KEYS[2], ARGV[3])
  local nonce, order = string.match(note, '^h(%S+) (%S+) ')
  if nonce then
    tell(KEYS[3], 'key', ARGV[3], order)
    answer[3] = nonce
  end
end
return answer
`, { frees: true });

/** KEYS index order · ARGV key, whom the index must name to be cleared. */
export const clear: Script = script("clear", `
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return {'done'}
`, { frees: true });

/** KEYS index order · ARGV prefix → key, whom the index names, key, … */
export const list: Script = script("keys", `
local found = {}
for _, key in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[1], '(' .. ARGV[1] .. '\\255')) do
  found[#found + 1], found[#found + 2] = key, redis.call('HGET', KEYS[1], key)
end
return found
`, { frees: true });
