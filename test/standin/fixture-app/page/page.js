const name = new URLSearchParams(location.search).get('name')
document.title = `Fixture ${name}`
document.querySelector('[data-testid=name]').textContent = name
document.querySelector('#pick').addEventListener('click', async () => {
  document.querySelector('[data-testid=picked]').textContent = (await window.api.pick()) ?? '(cancelled)'
})
window.ticks = []
window.api.onTick((value) => window.ticks.push(value))
