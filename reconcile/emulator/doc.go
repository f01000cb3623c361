// Package emulator is the Microsoft Store's two submission APIs, that for MSI
// or EXE apps (API A) and that for apps in MSIX packages, their add-ons and
// package flights (API B), the Microsoft Entra token endpoints and the blob
// storage that takes uploads, as one http.Handler. It serves the tests of this module, the
// --emulator flag and the emulator command.
//
// It knows what the API page
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api) and
// the pages of API B
// (https://learn.microsoft.com/windows/uwp/monetize/create-and-manage-submissions-using-windows-store-services)
// document and what was observed of the live service up to 2026-02: padded
// answers, orders that differ, failures with HTTP status 200. Where page and
// observation differ, the observed behavior is the default, and a [Behavior]
// switch plays the other one. Where both are silent it is strict, so that a
// client that works here does not rest on luck; it becomes stricter over time.
//
// It imports the standard library only and shares no type with the clients of
// this module: it decodes requests with its own types, so that one misread
// field cannot be wrong on both sides alike.
//
// Time passes by the clock of [Options]: package processing and certification
// finish by themselves when their time has come, or at once with
// [Emulator.Settle].
package emulator
