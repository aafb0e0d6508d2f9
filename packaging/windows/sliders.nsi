; The installer for Windows, for one user and without administrator's rights.
;   makensis /DVERSION=… /DFOLDER=the frozen folder /DOUT=Sliders-…-setup.exe /DICON=sliders.ico sliders.nsi
; Silent: Sliders-…-setup.exe /S [/D=C:\folder]     and: Uninstall.exe /S
Unicode true
ManifestDPIAware true
SetCompressor /SOLID lzma
SetCompressorDictSize 32

!include MUI2.nsh
!include x64.nsh
!include FileFunc.nsh

!define NAME "Sliders"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define TYPE "Sliders.slider"

Name "${NAME}"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "Software\${NAME}" "Folder"
BrandingText "${NAME} ${VERSION}"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} set-up"
VIAddVersionKey "CompanyName" "The Sliders Desktop authors"
VIAddVersionKey "LegalCopyright" "The Sliders Desktop authors and others, see THIRD-PARTY.txt"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\Sliders.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; A library that is in use can't be replaced: ask until the program is closed.
!macro WAIT_UNTIL_CLOSED WHEN
    again_${WHEN}:
    IfFileExists "$INSTDIR\Sliders.exe" 0 closed_${WHEN}
    ClearErrors
    FileOpen $0 "$INSTDIR\Sliders.exe" a
    IfErrors 0 free_${WHEN}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "Sliders is running. Please close it, then try again." \
        /SD IDCANCEL IDRETRY again_${WHEN}
    SetErrorLevel 2
    Quit
    free_${WHEN}:
    FileClose $0
    closed_${WHEN}:
!macroend

Function .onInit
    ${IfNot} ${RunningX64}
        MessageBox MB_ICONSTOP "Sliders needs a 64-bit Windows." /SD IDOK
        SetErrorLevel 3
        Quit
    ${EndIf}
FunctionEnd

Section
    !insertmacro WAIT_UNTIL_CLOSED install
    ; What an older version brought and this one does not must not stay beside it. The listener's
    ; library lies elsewhere, below Local AppData.
    RMDir /r "$INSTDIR\_internal"
    SetOutPath "$INSTDIR"
    File /r "${FOLDER}/*"
    File "/oname=sliders.ico" "${ICON}"
    WriteUninstaller "$INSTDIR\Uninstall.exe"
    CreateShortCut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\Sliders.exe" "" "$INSTDIR\sliders.ico"

    WriteRegStr HKCU "Software\${NAME}" "Folder" "$INSTDIR"
    WriteRegStr HKCU "Software\Classes\.slider\OpenWithProgids" "${TYPE}" ""
    WriteRegStr HKCU "Software\Classes\.slider" "" "${TYPE}"
    WriteRegStr HKCU "Software\Classes\${TYPE}" "" "Slider"
    WriteRegStr HKCU "Software\Classes\${TYPE}\DefaultIcon" "" "$INSTDIR\sliders.ico"
    WriteRegStr HKCU "Software\Classes\${TYPE}\shell\open\command" "" '"$INSTDIR\Sliders.exe" "%1"'

    WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
    WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
    WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\sliders.ico"
    WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Sliders Desktop authors"
    WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
    WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
    WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
    WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
    WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
    ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
    WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

Section "Uninstall"
    !insertmacro WAIT_UNTIL_CLOSED uninstall
    RMDir /r "$INSTDIR\_internal"
    Delete "$INSTDIR\Sliders.exe"
    Delete "$INSTDIR\sliders-desktop.exe"
    Delete "$INSTDIR\sliders.ico"
    Delete "$INSTDIR\Uninstall.exe"
    RMDir "$INSTDIR" ; only if nobody put anything else there
    Delete "$SMPROGRAMS\${NAME}.lnk"
    DeleteRegKey HKCU "Software\Classes\${TYPE}"
    DeleteRegValue HKCU "Software\Classes\.slider\OpenWithProgids" "${TYPE}"
    ReadRegStr $0 HKCU "Software\Classes\.slider" ""
    ${If} $0 == "${TYPE}"
        DeleteRegValue HKCU "Software\Classes\.slider" ""
    ${EndIf}
    DeleteRegKey /ifempty HKCU "Software\Classes\.slider\OpenWithProgids"
    DeleteRegKey /ifempty HKCU "Software\Classes\.slider"
    DeleteRegKey HKCU "${UNINSTALL}"
    DeleteRegKey HKCU "Software\${NAME}"
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd
