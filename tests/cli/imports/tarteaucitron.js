tarteaucitron.init({
  privacyUrl: '',
  orientation: 'middle',
  highPrivacy: false,
  DenyAllCta: false,
  googleConsentMode: true,
  bingConsentMode: true,
});
tarteaucitron.user.gtagUa = 'G-0000000000';
tarteaucitron.user.gtagMore = function () {};
(tarteaucitron.job = tarteaucitron.job || []).push('gtag');
(tarteaucitron.job = tarteaucitron.job || []).push('youtube');
(tarteaucitron.job = tarteaucitron.job || []).push('notreservice');
