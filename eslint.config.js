import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const INJECTED = 'ClassDeclaration[decorators.0.expression.callee.name=/^(injectable|singleton|scoped)$/]';

export default defineConfig(
  { ignores: ['**/dist/**', 'coverage/**', 'demo-output/**', 'node_modules/**', '.nx/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Parameter properties declared by an otherwise empty constructor are how injected classes look.
      '@typescript-eslint/no-useless-constructor': 'off',
      'no-restricted-imports': [
        'error',
        {
          paths: ['tsyringe', 'reflect-metadata'].map((name) => ({
            name,
            message: 'Core alone knows the container: list tokens in a static inject.',
          })),
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: `${INJECTED} > ClassBody > MethodDefinition[kind="constructor"] > FunctionExpression > .params[decorators.length=0]`,
          message: 'Every constructor parameter of an injectable class needs @inject(TOKEN).',
        },
      ],
    },
  },
  {
    files: ['packages/dashboard/page/**', 'packages/dashboard/vite.config.ts'],
    languageOptions: { parserOptions: { project: './packages/dashboard/page/tsconfig.json' } }, // for a browser
  },
  {
    files: ['packages/core/src/di/di.ts'],
    rules: { 'no-restricted-imports': 'off' }, // the one place where tsyringe is imported
  },
  {
    files: ['**/*.test.ts', '**/*.fixture.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // Tests state what they know: an undefined there fails the test, which is what it is for.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        ...{ process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly' },
        ...{
          AbortController: 'readonly',
          AbortSignal: 'readonly',
          fetch: 'readonly',
          performance: 'readonly',
          structuredClone: 'readonly',
        },
      },
    },
  },
);
