'use strict';
document.documentElement.classList.add('js');
try {
  const theme = localStorage.getItem('bulkhead-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to pages opened from a mail program's sandbox; the system's theme is used.
}
