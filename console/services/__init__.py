"""What happens at the desk, one verb a module, on the background loop; :class:`console.services.desk.Desk` is the door.

Screens and the command line call the desk; the desk calls the store and the engines. No toolkit is imported here.
"""
