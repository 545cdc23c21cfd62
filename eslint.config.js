import js from '@eslint/js'
import prettier from 'eslint-config-prettier/flat'
import vue from 'eslint-plugin-vue'
import { defineConfig, globalIgnores } from 'eslint/config'
import ts from 'typescript-eslint'
import { layers, packages } from './build/scripts/layers.mjs'

/** @param {string} object @param {string} property @param {string} message */
const property = (object, property, message) => ({ object, property, message })

/** @param {string} name @param {string} message */
const global = (name, message) => ({ name, message })

const PURE = ['main/{model,contract,messages,core}/**/*.ts']
const CLOCK = 'Time comes from the clock port (core/ports/clock.ts), so that tests can set it.'
const RANDOM = 'Randomness comes from the random port (core/ports/random.ts).'
const LOGGER = 'Use the logger port (core/ports/logger.ts), which knows what must not be written.'
const BORING = 'Electron is built with BoringSSL, which lacks it: it would work in tests and fail for users.'

const BORING_PROPERTIES = ['argon2', 'argon2Sync'].map((name) => property('crypto', name, BORING))
const BORING_SYNTAX = [
  { selector: 'Literal[value=/^(sha3-.*|shake\\d+|aes-\\d+-(ccm|ocb)|aria-\\d+-.*)$/i]', message: BORING },
  {
    selector:
      'ImportDeclaration[source.value=/^(node:)?crypto$/] ImportSpecifier[imported.name=/^argon2(Sync)?$/]',
    message: BORING,
  },
]

/**
 * The import zones of one layer, made of the same table as check-layers: an editor shows them while typing.
 *
 * @param {import('./build/scripts/layers.mjs').Layer} layer
 * @returns {import('eslint').Linter.Config}
 */
function zone(layer) {
  const tops = [...new Set(layers.map(({ at }) => at.split('/').slice(0, 2).join('/')))]
  const reachable = [layer.at, ...layer.may, ...(layer.types ?? [])]
  const closed = tops.filter(
    (top) => !reachable.some((at) => `${at}/`.startsWith(`${top}/`) || top.startsWith(at)),
  )
  const folders = closed.map((top) => top.replace(/^(main|renderer)\//, '(?:$1/)?')).join('|')
  const foreign = Object.entries(packages).filter(
    ([, at]) =>
      !at.some((folder) => `${layer.at}/`.startsWith(`${folder}/`) || folder.startsWith(`${layer.at}/`)),
  )
  return {
    files: layer.at.endsWith('.ts') ? [layer.at] : [`${layer.at}/**/*.{ts,vue}`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: `^(?:\\.\\./)+(?:${folders})/`, message: `${layer.at}: ${layer.why}.` },
            { regex: '^(?:\\.\\./)+test/', message: 'Nothing imports test/.' },
            ...foreign.map(([name, at]) => ({
              regex: `^${name}(?:/|$)`,
              message: `${name} belongs to ${at.join(', ')}.`,
            })),
          ],
        },
      ],
    },
  }
}

export default defineConfig([
  globalIgnores(['out/', '.out-*/', 'release/', 'test/fixtures/', 'test-results/', 'playwright-report/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  ...ts.configs.recommendedTypeChecked,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.{ts,vue}'],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.vue'] } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      'vue/no-undef-properties': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/no-v-html': 'error',
    },
  },
  {
    rules: {
      // The type checker finds these, in .mjs files too.
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60 }],
      'max-params': ['error', { max: 4 }],
      complexity: ['error', 15],
      eqeqeq: 'error',
      'no-restricted-properties': ['error', ...BORING_PROPERTIES],
      'no-restricted-syntax': ['error', ...BORING_SYNTAX],
    },
  },
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  { files: ['**/*.{js,mjs,cjs}'], extends: [ts.configs.disableTypeChecked] },
  {
    files: ['main/**/*.ts', 'renderer/**/*.ts'],
    rules: {
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true } },
      ],
    },
  },
  { files: ['**/*.d.ts'], rules: { 'no-restricted-exports': 'off' } },
  {
    // A describe callback holds a whole suite of facts; a function inside it is held to the limit by review.
    files: ['test/**/*.{ts,mjs}'],
    rules: { 'max-lines-per-function': 'off' },
  },
  ...layers.map(zone),
  {
    files: PURE,
    rules: {
      'no-restricted-properties': [
        'error',
        property('Date', 'now', CLOCK),
        property('performance', 'now', CLOCK),
        property('Math', 'random', RANDOM),
        property('process', 'env', 'Settings come in as arguments.'),
        ...BORING_PROPERTIES,
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK },
        { selector: "CallExpression[callee.name='Date']", message: CLOCK },
        ...BORING_SYNTAX,
      ],
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate'].map((name) => global(name, CLOCK)),
        global('console', LOGGER),
        global('fetch', 'Core has no network; connectors have.'),
        global('performance', CLOCK),
      ],
    },
  },
  prettier,
])
