# Part of cmake --install: units, and what else is at places that the prefix decides. Given: component, templates, written
# (a folder to work in), manual (what cmake/Manual.cmake writes), bindir, sbindir, libexecdir (below the prefix).
#
# /usr (packages) and /usr/local are where the system looks for units and such; both share /etc. With any other prefix
# everything but data is below it, so that it can be tried.
set(prefix "${CMAKE_INSTALL_PREFIX}")
foreach(folder bindir sbindir libexecdir)
  set(${folder} "${prefix}/${${folder}}")
endforeach()
set(unitdir "${prefix}/lib/systemd/system")
set(sysconfdir /etc)
if(prefix STREQUAL "/usr")
  set(unitdir /lib/systemd/system)
elseif(NOT prefix STREQUAL "/usr/local")
  set(sysconfdir "${prefix}/etc")
endif()
file(READ "${templates}/systemd/hardening" hardening)
string(STRIP "${hardening}" hardening)

# Macros, not functions: file(INSTALL) notes what it has installed in a variable of its own scope, and install_manifest.txt has it
# from there.
macro(install_file folder file)
  file(INSTALL DESTINATION "${folder}" TYPE FILE FILES "${file}" ${ARGN})
endmacro()

# NAME is that of the template without .in, unless a second one is given.
macro(install_unit template)
  set(name ${template})
  if(${ARGC} GREATER 1)
    set(name ${ARGV1})
  endif()
  configure_file("${templates}/systemd/${template}.in" "${written}/${name}" @ONLY)
  install_file("${unitdir}" "${written}/${name}")
endmacro()

macro(install_units)
  foreach(unit ${ARGN})
    if(EXISTS "${templates}/systemd/${unit}.in")
      install_unit(${unit})
    else()
      install_file("${unitdir}" "${templates}/systemd/${unit}")
    endif()
  endforeach()
endmacro()

macro(install_common)
  install_units(mirrorway-failure@.service)
  install_file("${prefix}/lib/sysusers.d" "${templates}/systemd/mirrorway.sysusers" RENAME mirrorway.conf)
  install_file("${prefix}/lib/tmpfiles.d" "${templates}/systemd/mirrorway.tmpfiles" RENAME mirrorway.conf)
  set(configuration "$ENV{DESTDIR}${sysconfdir}/mirrorway.toml")
  if(EXISTS "${configuration}")
    message(STATUS "Left as it is: ${configuration}")
  else()
    install_file("${sysconfdir}" "${manual}/mirrorway.toml")
  endif()
endmacro()

macro(install_frontend)
  install_unit(mirrorlist_server.service)
  install_unit(mirrorlist_server.socket)
  set(about "# One more server, with a snapshot of its own: mirrorlist_server@debug has /var/lib/mirrorway/debug.snapshot, and answers at
# /run/mirrorway/mirrorlist_server@debug.sock, the --server-socket of whoever asks it.
")
  set(instance @%i)
  set(of_instance ", for %i")
  set(options " --snapshot /var/lib/mirrorway/%i.snapshot --socket /run/mirrorway/mirrorlist_server@%i.sock")
  install_unit(mirrorlist_server.service mirrorlist_server@.service)
  install_unit(mirrorlist_server.socket mirrorlist_server@.socket)
  install_units(
    mirrorlist_client.service mirrorlist_client.socket mirrorway-fetch.service mirrorway-fetch.timer
    mirrorway-geoip.service mirrorway-geoip.timer mirrorway-static-copies.service mirrorway-static-copies.timer)
  install_file("${sysconfdir}/logrotate.d" "${templates}/logrotate" RENAME mirrorway)
endmacro()

macro(install_catalog)
  install_units(
    mirrorway-publish.service mirrorway-publish.timer mirrorway-networks.service mirrorway-networks.timer)
endmacro()

cmake_language(CALL install_${component})
