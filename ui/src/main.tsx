import './locale';
import { render } from 'preact';
import { App } from './app';
import { listen } from './keys';
import { followLinks } from './router';
import { start } from './state';
import './style/base.css';
import './style/loop.css';
import './style/panels.css';
import './style/chart.css';
import './style/shell.css';

const root = document.getElementById('app');
if (root) {
  start();
  followLinks();
  listen();
  render(<App />, root);
}
