// The global namespace `Electron`, against which the stand-in is typed.
/// <reference types="electron" />
