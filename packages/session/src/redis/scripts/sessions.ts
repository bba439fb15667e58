// Numbers are kept as the texts they came as wherever that is possible: Lua would write large ones with 14 digits.
import { script, type Script } from "./script.ts";

/** KEYS store · ARGV a fresh generation, shards → the generation and the number of parts that the store has. */
export const birth: Script = script("birth", `
redis.call('HSETNX', KEYS[1], 'generation', ARGV[1])
redis.call('HSETNX', KEYS[1], 'shards', ARGV[2])
return redis.call('HMGET', KEYS[1], 'generation', 'shards')
`);

/** KEYS session deadlines generation book · ARGV id, the store's generation or '', timeout, maxBytes, principal, secret or nothing. */
export const create: Script = script("create", `
local generation = redis.call('GET', KEYS[3])
if not generation then
  if ARGV[2] == '' then return {'newborn'} end
  generation = ARGV[2]
end
if redis.call('EXISTS', KEYS[1]) == 1 then return {'used'} end
redis.call('SET', KEYS[3], generation)
redis.call('HSET', KEYS[1], 'epoch', '1', 'attach', '0', 'received', '0', 'sent', '0', 'acked', '0', 'bytes', '0', 'timeout', ARGV[3], 'max', ARGV[4], 'principal', ARGV[5])
if ARGV[6] then redis.call('HSET', KEYS[1], 'secret', ARGV[6]) end
redis.call('ZADD', KEYS[2], exact(now() + ARGV[3]), ARGV[1])
if tonumber(ARGV[3]) > tonumber(redis.call('HGET', KEYS[4], 'longest') or '0') then redis.call('HSET', KEYS[4], 'longest', ARGV[3]) end
return {'created', generation}
`);

/** KEYS session → why, received, secret, timeout, principal. */
export const find: Script = script("find", `
return redis.call('HMGET', KEYS[1], 'why', 'received', 'secret', 'timeout', 'principal')
`, { frees: true });

/** KEYS session messages deadlines generation news · ARGV id, generation, attach, received, sent, acked, restarted. The five rules, in their order. */
export const attach: Script = script("attach", `
local row = redis.call('HMGET', KEYS[1], 'why', 'received', 'epoch', 'attach', 'sent', 'acked', 'timeout', 'bytes')
local over = gone(row[1], row[2])
if over then return {'refused', over[2], over[3], '0'} end
local received, epoch, number, sent, acked = tonumber(row[2]), tonumber(row[3]), tonumber(row[4]), tonumber(row[5]), tonumber(row[6])
if redis.call('GET', KEYS[4]) ~= ARGV[2] then return {'refused', 'stateLost', row[2], row[4]} end
if tonumber(ARGV[3]) <= number then return {'refused', 'stale', row[2], row[4]} end
if ARGV[7] == '0' then
  local has = tonumber(ARGV[4])
  if has > sent or tonumber(ARGV[6]) > received then return {'refused', 'stateLost', row[2], row[4]} end
  if has < acked or tonumber(ARGV[5]) < received then return {'refused', 'diverged', row[2], row[4]} end
  if has > acked then
    local freed = 0
    for _, message in ipairs(redis.call('LRANGE', KEYS[2], 0, has - acked - 1)) do freed = freed + weight(#message - 1) end
    redis.call('LTRIM', KEYS[2], has - acked, -1)
    redis.call('HSET', KEYS[1], 'acked', ARGV[4], 'bytes', exact(row[8] - freed))
    acked = has
  end
end
redis.call('HSET', KEYS[1], 'epoch', exact(epoch + 1), 'attach', ARGV[3])
redis.call('ZADD', KEYS[3], exact(now() + row[7]), ARGV[1])
tell(KEYS[5], 'attached', ARGV[1], exact(epoch + 1))
return {'attached', epoch + 1, row[2], sent, acked, row[7]}
`, { frees: true });

const commitText = `
local row = redis.call('HMGET', KEYS[1], 'why', 'received', 'epoch', 'sent', 'acked', 'timeout', 'bytes', 'max')
local over = gone(row[1], row[2])
if over then return over end
if tonumber(row[3]) ~= tonumber(ARGV[2]) then return {'fenced', tonumber(row[3])} end
local sent, acked, bytes = tonumber(row[4]), tonumber(row[5]), tonumber(row[7])
local confirmed, more = tonumber(ARGV[4]), #ARGV - 5
if confirmed > sent then return {'acked', sent} end
if confirmed > acked then
  for _, message in ipairs(redis.call('LRANGE', KEYS[2], 0, confirmed - acked - 1)) do bytes = bytes - weight(#message - 1) end
end
for at = 1, more do bytes = bytes + weight(#ARGV[at + 5]) end
if more > 0 and bytes > tonumber(row[8]) then return {'full'} end
if confirmed > acked then
  redis.call('LTRIM', KEYS[2], confirmed - acked, -1)
  redis.call('HSET', KEYS[1], 'acked', ARGV[4], 'bytes', exact(bytes))
end
if more > 0 then
  for at = 1, more do redis.call('RPUSH', KEYS[2], string.sub(ARGV[5], at, at) .. ARGV[at + 5]) end
  sent = sent + more
  redis.call('HSET', KEYS[1], 'sent', exact(sent), 'bytes', exact(bytes))
end
if tonumber(ARGV[3]) > tonumber(row[2]) then redis.call('HSET', KEYS[1], 'received', ARGV[3]) end
redis.call('ZADD', KEYS[3], exact(now() + row[6]), ARGV[1])
return {'committed', sent}
`;

/** KEYS session messages deadlines · ARGV id, epoch, received, acked, kinds, messages … */
export const commit: Script = script("commit", commitText);
/** The same without messages. */
export const settle: Script = script("settle", commitText, { frees: true });

/** KEYS session messages news · ARGV id, kinds, messages … */
export const append: Script = script("append", `
local row = redis.call('HMGET', KEYS[1], 'why', 'received', 'sent', 'bytes', 'max')
local over = gone(row[1], row[2])
if over then return over end
local sent, bytes, more = tonumber(row[3]), tonumber(row[4]), #ARGV - 2
if more == 0 then return {'committed', sent} end
for at = 1, more do bytes = bytes + weight(#ARGV[at + 2]) end
if bytes > tonumber(row[5]) then return {'full'} end
for at = 1, more do redis.call('RPUSH', KEYS[2], string.sub(ARGV[2], at, at) .. ARGV[at + 2]) end
redis.call('HSET', KEYS[1], 'sent', exact(sent + more), 'bytes', exact(bytes))
tell(KEYS[3], 'appended', ARGV[1], exact(sent + more))
return {'committed', sent + more}
`);

/** KEYS session messages · ARGV from, limit → the number of the first message, and the messages. */
export const read: Script = script("read", `
local acked = tonumber(redis.call('HGET', KEYS[1], 'acked') or '0')
local skip = math.max(ARGV[1] - acked - 1, 0)
if tonumber(ARGV[2]) < 1 then return {0} end
local found = redis.call('LRANGE', KEYS[2], skip, skip + ARGV[2] - 1)
table.insert(found, 1, acked + skip + 1)
return found
`, { frees: true });

/** KEYS session deadlines · ARGV id, epoch. */
export const touch: Script = script("touch", `
local row = redis.call('HMGET', KEYS[1], 'why', 'received', 'epoch', 'sent', 'timeout')
local over = gone(row[1], row[2])
if over then return over end
if tonumber(row[3]) ~= tonumber(ARGV[2]) then return {'fenced', tonumber(row[3])} end
redis.call('ZADD', KEYS[2], exact(now() + row[5]), ARGV[1])
return {'committed', tonumber(row[4])}
`, { frees: true });
