// Where the page begins.

import { start } from './shell.js'

void start(document.getElementById('app') ?? document.body)
