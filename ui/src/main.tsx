import './locale';
import { render } from 'preact';
import { App } from './app';
import { start } from './state';
import './style/base.css';
import './style/loop.css';
import './style/panels.css';
import './style/chart.css';

const root = document.getElementById('app');
if (root) {
  start();
  render(<App />, root);
}
