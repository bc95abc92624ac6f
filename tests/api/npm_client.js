// The real npm client `openwhisk` against a daemon: every kind of call, once.
//   node npm_client.js PORT KEY MODULE.wasm
'use strict'
const assert = require('assert')
const fs = require('fs')
const openwhisk = require('openwhisk')

const [port, key, file] = process.argv.slice(2)
const ow = openwhisk({ apihost: `http://127.0.0.1:${port}`, api_key: key, namespace: '_' })
const action = fs.readFileSync(file)
const base64 = action.toString('base64')
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function rejects (promise, statusCode, text) {
  await assert.rejects(promise, (error) => {
    assert.strictEqual(error.statusCode, statusCode, error.message)
    assert(error.message.includes(text), error.message)
    return true
  })
}

async function ended (activationId) {
  for (let i = 0; i < 200; i++) {
    try {
      return await ow.activations.get(activationId)
    } catch (error) {
      assert.strictEqual(error.statusCode, 404)
      await pause(20)
    }
  }
  throw new Error('this took too long')
}

const steps = {
  async namespaces () {
    assert.deepStrictEqual(await ow.namespaces.list(), ['guest'])
  },
  async 'actions: create of base64 and of a Buffer, get, list, update' () {
    const made = await ow.actions.create({ name: 'a', action: base64, kind: 'wasm:1', params: { p: 1 } })
    assert.strictEqual(made.version, '0.0.1')
    await ow.actions.create({ name: 'b', action, kind: 'wasm:default' })
    await rejects(ow.actions.create({ name: 'a', action: base64, kind: 'wasm:1' }), 409, 'already exists')
    assert.strictEqual((await ow.actions.get('a')).exec.code, base64)
    assert.strictEqual((await ow.actions.get({ name: 'a', code: false })).exec.code, undefined)
    assert.strictEqual((await ow.actions.update({ name: 'a', action: base64, kind: 'wasm:1', params: { p: 2 } })).version, '0.0.2')
    assert.deepStrictEqual((await ow.actions.list({ limit: 1, skip: 1 })).map((row) => row.name), ['b'])
    await rejects(ow.actions.create({ name: 'js', action: 'function main() {}' }), 400, 'not supported')
  },
  async 'actions: invoke, with and without waiting' () {
    assert.deepStrictEqual(await ow.actions.invoke({ name: 'a', blocking: true, result: true, params: { x: 1 } }), { p: 2, x: 1 })
    const full = await ow.actions.invoke({ name: 'a', blocking: true })
    assert.strictEqual(full.response.success, true)
    const { activationId } = await ow.actions.invoke({ name: 'a', params: { y: 1 } })
    assert.deepStrictEqual((await ended(activationId)).response.result, { p: 2, y: 1 })
    await rejects(ow.actions.invoke({ name: 'a', blocking: true, params: { error: 'mine' } }), 502, 'mine')
    await rejects(ow.actions.invoke('nothing'), 404, 'does not exist')
  },
  async activations () {
    const rows = await ow.activations.list({ limit: 2 })
    assert.strictEqual(rows.length, 2)
    assert.deepStrictEqual(await ow.activations.logs(rows[0].activationId), { logs: [] })
    assert.deepStrictEqual((await ow.activations.result(rows[0].activationId)).result, { error: 'mine', p: 2 })
  },
  async packages () {
    await ow.packages.create({ name: 'p', package: { parameters: [{ key: 'q', value: 1 }] } })
    await ow.actions.create({ name: 'p/inner', action: base64, kind: 'wasm:1' })
    assert.deepStrictEqual(await ow.actions.invoke({ name: 'p/inner', blocking: true, result: true }), { q: 1 })
    assert.deepStrictEqual((await ow.packages.get('p')).actions.map((one) => one.name), ['inner'])
    assert.strictEqual((await ow.packages.list()).length, 1)
    await ow.packages.update({ name: 'p', package: { publish: true } })
    await ow.actions.delete('p/inner')
    await ow.packages.delete('p')
    await rejects(ow.packages.get('p'), 404, 'does not exist')
  },
  async 'triggers and rules' () {
    await ow.triggers.create({ name: 't' })
    await ow.rules.create({ name: 'r', action: 'a', trigger: 't' })
    assert.strictEqual((await ow.rules.get('r')).status, 'active')
    const { activationId } = await ow.triggers.invoke({ name: 't', params: { z: 1 } })
    const line = JSON.parse((await ended(activationId)).logs[0])
    assert.deepStrictEqual((await ended(line.activationId)).response.result, { p: 2, z: 1 })
    await ow.rules.disable({ name: 'r' })
    assert.strictEqual((await ow.rules.get('r')).status, 'inactive')
    await ow.rules.enable({ name: 'r' })
    assert.strictEqual((await ow.triggers.list()).length, 1)
    assert.strictEqual((await ow.rules.list()).length, 1)
    await ow.rules.delete({ name: 'r' })
    await ow.triggers.delete('t')
  },
  async sequences () {
    await ow.actions.create({ name: 's', sequence: ['/_/a', '/_/b'] })
    assert.deepStrictEqual(await ow.actions.invoke({ name: 's', blocking: true, result: true, params: { x: 2 } }), { p: 2, x: 2 })
  },
  async 'web actions' () {
    await ow.actions.update({ name: 'b', action: base64, kind: 'wasm:1', annotations: { 'web-export': true } })
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/web/guest/default/b.json?hello=1`)
    assert.strictEqual((await answer.json()).hello, '1')
  },
  async 'a wrong key, and delete' () {
    const stranger = openwhisk({ apihost: `http://127.0.0.1:${port}`, api_key: key.slice(0, -1) + (key.endsWith('x') ? 'y' : 'x') })
    await rejects(stranger.actions.list(), 401, 'authentication')
    for (const name of ['s', 'a', 'b']) await ow.actions.delete(name)
    assert.deepStrictEqual(await ow.actions.list(), [])
  }
}

async function main () {
  for (const [name, step] of Object.entries(steps)) {
    await step()
    console.log(`step ${name}`)
  }
  console.log('all steps')
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
