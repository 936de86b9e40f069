// The fonts of the computer: none is fetched.
export { default } from 'vitepress/theme-without-fonts';
